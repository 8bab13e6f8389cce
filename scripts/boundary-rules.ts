/**
 * The house rules of docs and design as tables: who may import whom, what pure code may not touch,
 * how files are named and how long they may grow. Every rule carries its reason, which is printed
 * with the fault. Works on texts handed in; reading files and printing is check-boundaries.ts.
 */
import { builtinModules } from "node:module";
import { dirname, posix } from "node:path";

export interface SourceFile {
  /** From the repository's root, with forward slashes. */
  path: string;
  text: string;
}

export interface Finding {
  path: string;
  line: number;
  rule: string;
  reason: string;
}

export interface Findings {
  faults: Finding[];
  /** Not wrong, but to be asked about. */
  questions: Finding[];
}

interface Layer {
  /** The folder, or file, that the rule is for; the first that matches counts. */
  home: string;
  /** What it may import beside itself: folders end in `/`, `*` stands for one folder. */
  may: readonly string[];
  reason: string;
}

const LAYERS: readonly Layer[] = [
  {
    home: "src/shared/",
    may: [],
    reason: "shared is the ground that everything stands on, so it knows nothing above it",
  },
  {
    home: "src/memgpt/",
    may: ["src/shared/"],
    reason: "the MemGPT agent is to be read and run on its own, on fakes of its ports",
  },
  {
    home: "src/autogen/",
    may: ["src/shared/", "src/memgpt/"],
    reason: "AutoGen's agents may hold a MemGPT agent, and know nothing of channels or documents",
  },
  {
    home: "src/documents/",
    may: ["src/shared/", "src/memgpt/ports.ts"],
    reason: "documents fill the stores behind MemGPT's ports without knowing the agent",
  },
  {
    home: "src/channels/",
    may: ["src/shared/", "src/memgpt/", "src/autogen/", "src/documents/"],
    reason: "channels tie the pure parts together; surfaces and adapters come in through ports",
  },
  ...["openai", "completions"].map((name) => ({
    home: `src/adapters/${name}/`,
    may: ["src/shared/", "src/*/ports.ts", "src/adapters/model-http/"],
    reason:
      "the ways to ask a model server share one transport, one failover and one set of errors, and nothing else",
  })),
  {
    home: "src/adapters/*/",
    may: ["src/shared/", "src/*/ports.ts"],
    reason: "an adapter fulfils a port; one that leans on another could not be swapped alone",
  },
  {
    home: "src/configure/",
    may: [
      "src/shared/",
      "src/memgpt/ports.ts",
      "src/app-models.ts",
      "src/adapters/system/",
      "config/",
    ],
    reason: "the wizard writes the configuration and tries its model; the bot it knows nothing of",
  },
  {
    home: "src/discord/",
    may: ["src/shared/", "src/channels/"],
    reason:
      "a surface turns events into plain data and back; what is behind the channels is not its business",
  },
  {
    home: "src/console/",
    may: ["src/shared/", "src/channels/"],
    reason:
      "a surface turns events into plain data and back; what is behind the channels is not its business",
  },
  {
    home: "commands/",
    may: ["src/shared/", "src/channels/", "src/documents/"],
    reason: "a command works through the session, so that it serves Discord and the terminal alike",
  },
  {
    home: "config/",
    may: ["src/shared/errors.ts", "src/shared/entry-filter.ts", "src/shared/nearest-word.ts"],
    reason: "configuration is data: what it configures reads it, not the other way round",
  },
];

const APP = "src/app.ts";
const APP_USERS = ["src/main.ts", "src/load.ts", "tests/e2e/", "bench/", "examples/", "scripts/"];
const APP_REASON = "app.ts builds everything; whatever imports it depends on everything";

/** No product code may lean on these. */
const OUTSIDE = ["tests/", "bench/", "examples/", "scripts/"];
const PRODUCT = ["src/", "commands/", "config/"];
const OUTSIDE_REASON = "the product must run without its tests and tools";

/** Where each SDK is wrapped: its quirks, errors and types stay there. */
const SDK_HOMES: readonly (readonly [sdk: RegExp, home: string])[] = [
  [/^openai(?:\/|$)/, "src/adapters/openai/"],
  [/^@?keyv(?:\/|$)/, "src/adapters/keyv/"],
  [/^chromadb(?:\/|$)/, "src/adapters/chroma/"],
  [/^(?:pdf-parse|mammoth|fflate|htmlparser2|csv-parse)(?:\/|$)/, "src/adapters/reading/"],
  [/^discord\.js(?:\/|$)/, "src/discord/"],
];
const SDK_REASON =
  "each SDK is wrapped once, so that its failures and quirks are mended in one place";

const PURE = ["src/shared/", "src/memgpt/", "src/autogen/", "src/documents/", "src/channels/"];
const PURE_REASON = "pure code gets time, chance and I/O through ports, so that tests own them";
const IMPURE: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/\bDate\.now\b/, "Date.now"],
  [/\bnew Date\b(?!\s*\(\s*[^\s)])/, "new Date without an argument"],
  [/(?<![\w.]|new )Date\(\s*\)/, "Date()"],
  [/\bMath\.random\b/, "Math.random"],
  [/\bperformance\.now\b/, "performance.now"],
  [/\bcrypto\./, "crypto"],
];

const MOST_LINES = 400;
const MANY_LINES = 300;
const BARRELS = ["commands/index.ts", "src/autogen/index.ts"];
/** Tools that want a default export. */
const DEFAULT_EXPORTS = ["vitest.config.ts", "scripts/closing-line-reporter.ts"];
const KEBAB = /^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9-]+)*\.(?:ts|mts|js|mjs|cjs)$/;

/** Findings in the order of the files and their lines. */
export function checkFiles(files: readonly SourceFile[]): Findings {
  const faults = files.flatMap((file) => {
    const code = withoutComments(file.text);
    return [
      ...checkImports(file, code),
      ...checkPurity(file, code),
      ...checkShape(file, code),
    ].sort((a, b) => a.line - b.line);
  });
  const questions = files.flatMap(({ path, text }) => {
    const lines = lineCount(text);
    if (lines <= MANY_LINES || lines > MOST_LINES) return [];
    const reason = "does it do one thing?";
    return [{ path, line: lines, rule: `${lines} lines, over ${MANY_LINES}`, reason }];
  });
  return { faults, questions };
}

function checkImports({ path }: SourceFile, code: string): Finding[] {
  const layer = LAYERS.find((one) => homeOf(path, one.home) !== undefined);
  const home = layer && homeOf(path, layer.home);
  const product = startsWithAny(path, PRODUCT);
  return importsIn(code).flatMap(({ name, line }) => {
    const found = (rule: string, reason: string): Finding[] => [{ path, line, rule, reason }];
    if (!name.startsWith(".")) {
      const sdk = SDK_HOMES.find(([pattern]) => pattern.test(name));
      if (product && sdk && !path.startsWith(sdk[1])) {
        return found(`only ${sdk[1]} may import ${name}`, SDK_REASON);
      }
      return isBuiltin(name) && startsWithAny(path, PURE)
        ? found(`pure code may not import ${name}`, PURE_REASON)
        : [];
    }
    const target = posix.join(dirname(path), name);
    if (target === APP && !startsWithAny(path, APP_USERS)) {
      return found(`only ${APP_USERS.join(", ")} may import ${APP}`, APP_REASON);
    }
    if (product && startsWithAny(target, OUTSIDE)) {
      return found(`product code may not import ${target}`, OUTSIDE_REASON);
    }
    if (!layer || home === undefined || target.startsWith(home)) return [];
    const allowed = layer.may.some((place) =>
      place.endsWith("/") ? target.startsWith(place) : homeOf(target, place) === target,
    );
    const may = ["itself", ...layer.may].join(", ");
    return allowed ? [] : found(`${home} may import ${may}, not ${target}`, layer.reason);
  });
}

function checkPurity({ path }: SourceFile, code: string): Finding[] {
  if (!startsWithAny(path, PURE)) return [];
  return code
    .split("\n")
    .flatMap((text, i) =>
      IMPURE.flatMap(([pattern, name]) =>
        pattern.test(text)
          ? [{ path, line: i + 1, rule: `pure code may not use ${name}`, reason: PURE_REASON }]
          : [],
      ),
    );
}

function checkShape({ path, text }: SourceFile, code: string): Finding[] {
  const findings: Finding[] = [];
  const add = (line: number, rule: string, reason: string): void => {
    findings.push({ path, line, rule, reason });
  };
  const name = posix.basename(path);
  const lines = lineCount(text);
  if (lines > MOST_LINES) {
    add(lines, `${lines} lines, over ${MOST_LINES}`, "a file that long does more than one thing");
  }
  if (!KEBAB.test(name)) add(1, "file names are kebab-case", "one way to write a name");
  if (/^index\.\w+$/.test(name) && !BARRELS.includes(path)) {
    add(1, "no barrels", `they hide who imports whom; only ${BARRELS.join(" and ")} are wanted`);
  }
  if (!DEFAULT_EXPORTS.includes(path)) {
    for (const match of code.matchAll(/^export default\b/gm)) {
      add(
        lineAt(code, match.index),
        "no default exports",
        "a thing has one name wherever it is used",
      );
    }
  }
  return findings;
}

const IMPORTS = [
  /^[ \t]*(?:import|export)\b[^;"'`]*?\bfrom\s*["']([^"']+)["']/gm,
  /^[ \t]*import\s*["']([^"']+)["']/gm,
  /\bimport\(\s*["']([^"']+)["']/g,
];

function importsIn(code: string): { name: string; line: number }[] {
  return IMPORTS.flatMap((pattern) =>
    [...code.matchAll(pattern)].map((match) => {
      const name = match[1] ?? "";
      return { name, line: lineAt(code, match.index + match[0].lastIndexOf(name)) };
    }),
  );
}

/** The folder (or file) that `pattern` means for this path; undefined when it is not in it. */
function homeOf(path: string, pattern: string): string | undefined {
  const wanted = pattern.replace(/\/$/, "").split("/");
  const parts = path.split("/");
  const fits = wanted.every((part, i) =>
    part === "*" ? parts[i] !== undefined : part === parts[i],
  );
  const folder = pattern.endsWith("/");
  if (!fits || (folder ? parts.length <= wanted.length : parts.length !== wanted.length)) {
    return undefined;
  }
  return folder ? `${parts.slice(0, wanted.length).join("/")}/` : path;
}

function isBuiltin(name: string): boolean {
  return name.startsWith("node:") || builtinModules.includes(name);
}

function startsWithAny(path: string, places: readonly string[]): boolean {
  return places.some((place) => (place.endsWith("/") ? path.startsWith(place) : path === place));
}

/** Comments blanked out, so that lines keep their numbers; texts in quotes are left alone. */
function withoutComments(text: string): string {
  const token =
    /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g;
  return text.replace(token, (found) =>
    found.startsWith("/") ? found.replace(/[^\n]/g, " ") : found,
  );
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split("\n").length;
}

function lineCount(text: string): number {
  return text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
}
