/**
 * The only reader of configuration files, and of the environment: finds `.env`, the files in
 * `config/` and the texts that ship with the package, and hands everything to `parseConfig`.
 */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, extname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseEnv } from "node:util";
import { parseDocument, type YAMLError } from "yaml";
import type { ConfigFault } from "../src/shared/errors.ts";
import { type AppConfig, parseConfig } from "./config.ts";
import { describe, isMapping } from "./fields.ts";
import type { RawTexts } from "./texts.ts";

export interface LoadConfigOptions {
  /** Where `.env`, `config/` and relative paths are looked for. */
  cwd: string;
  env: Readonly<Record<string, string | undefined>>;
}

const FILE_NAMES = ["models", "groupchat"];
const EXTENSIONS = [".yaml", ".yml", ".json"];

/** A list or mapping given to a name, as in the Python of MemGPT's and AutoGen's documentation. */
const ASSIGNMENT = /^([A-Za-z_]\w*)[ \t]*=[ \t]*(?=[[{])/gm;
/** Python that is more than a list or mapping with a name. */
const PYTHON_CODE =
  /^(?:from [\w.]+ import |import \w|[A-Za-z_][\w.]*[ \t]*=[^=]|if .*:[ \t]*$).*/m;

/**
 * Reads everything anew; nothing is kept. Works without any file.
 * @throws ConfigError with every fault of every file
 */
export function loadConfig({ cwd, env: given }: LoadConfigOptions): AppConfig {
  const faults: ConfigFault[] = [];
  const reader = new FileReader(cwd, faults);
  // What is set already wins over the file, as everywhere.
  const env: Record<string, string | undefined> = { ...reader.env(join(cwd, ".env")), ...given };

  const found = configFiles(cwd, env.COLLOQUY_CONFIG, faults);
  const raw: Record<string, unknown> = {};
  const owners = new Map<string, string>();
  for (const file of found.files) {
    const name = reader.name(file);
    const value = reader.yaml(file) ?? {};
    if (!isMapping(value)) {
      faults.push({ file: name, key: "(top)", got: describe(value), wanted: "a mapping of keys" });
      continue;
    }
    for (const [key, item] of Object.entries(value)) {
      const before = owners.get(key);
      if (before !== undefined) {
        faults.push({ file: name, key, got: `a second time, after ${before}`, wanted: "it once" });
      }
      owners.set(key, name);
      raw[key] = item;
    }
  }
  const list = env.OAI_CONFIG_LIST;
  if (list !== undefined && list !== "" && !/^\s*[[{]/.test(list)) {
    env.OAI_CONFIG_LIST = reader.text(resolve(cwd, list)) ?? "[]";
  }

  const config = parseConfig(raw, {
    env,
    fileOf: (key) => owners.get(key) ?? "configuration",
    texts: readTextFolders([join(packageRoot(), "config"), found.folder], reader),
    faults,
  });
  return { ...config, data_dir: resolve(cwd, config.data_dir) };
}

/** The folder of `package.json`, from the sources and from `dist/` alike. */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package.json"))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error("No package.json above the configuration's code.");
    folder = parent;
  }
  return folder;
}

/** COLLOQUY_CONFIG names a folder or one file with all keys; otherwise it is `config/` of `cwd`. */
function configFiles(
  cwd: string,
  chosen: string | undefined,
  faults: ConfigFault[],
): { files: string[]; folder: string } {
  const path = resolve(cwd, chosen || "config");
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat?.isFile()) return { files: [path], folder: dirname(path) };
  if (!stat && chosen) {
    faults.push({
      file: "environment",
      key: "COLLOQUY_CONFIG",
      got: `${chosen}, which does not exist`,
      wanted: "a folder, or one file, with the configuration",
    });
  }
  const files: string[] = [];
  for (const name of FILE_NAMES) {
    const present = EXTENSIONS.map((extension) => join(path, name + extension)).filter((file) =>
      existsSync(file),
    );
    if (present.length > 1) {
      faults.push({
        file: relative(cwd, join(path, name)),
        key: "(file)",
        got: present.map((file) => extname(file)).join(" and "),
        wanted: "one file of this name",
      });
    }
    files.push(...present.slice(0, 1));
  }
  return { files, folder: path };
}

/** Later folders win: a user's own text replaces the shipped one of the same name. */
function readTextFolders(folders: readonly string[], reader: FileReader): RawTexts {
  const texts = {
    prompts: new Map<string, string>(),
    personas: new Map<string, string>(),
    humans: new Map<string, string>(),
    presets: new Map<string, { file: string; value: unknown }>(),
  };
  for (const folder of new Set(folders)) {
    for (const kind of ["prompts", "personas", "humans"] as const) {
      for (const file of filesIn(join(folder, kind), [".txt", ".md"])) {
        const text = reader.text(file);
        if (text !== undefined) texts[kind].set(baseName(file), text.trim());
      }
    }
    for (const file of filesIn(join(folder, "presets"), EXTENSIONS)) {
      texts.presets.set(baseName(file), { file: reader.name(file), value: reader.yaml(file) });
    }
  }
  return texts;
}

function filesIn(folder: string, extensions: readonly string[]): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => extensions.includes(extname(name)))
    .sort()
    .map((name) => join(folder, name));
}

function baseName(file: string): string {
  return (file.split(/[\\/]/).at(-1) ?? file).replace(/\.[^.]+$/, "");
}

/** What is wrong with a file's text, for people who may have pasted it from a page. */
function syntaxFault(text: string, error: YAMLError): Omit<ConfigFault, "file"> {
  const line = error.linePos?.[0].line;
  const lines = text.split("\n");
  const key = line === undefined ? "(text)" : `line ${line}`;
  const name = /^["']?(\w+)/.exec(lines[(line ?? 1) - 1] ?? "")?.[1];
  if (error.code === "DUPLICATE_KEY" && name !== undefined) {
    const places = lines.flatMap((words, i) =>
      new RegExp(`^["']?${name}["']?\\s*:`).test(words) ? [i + 1] : [],
    );
    const times = places.length === 2 ? "twice" : `${places.length} times`;
    return {
      key: name,
      got: `it ${times}, in the lines ${places.join(" and ")}`,
      wanted: "it once: keep the one that you use, and delete the rest or put # before it",
    };
  }
  const python = PYTHON_CODE.exec(text);
  if (python) {
    return {
      key: `line ${text.slice(0, python.index).split("\n").length}`,
      got: `Python code (${describe(python[0].trim())})`,
      wanted:
        "lists and mappings alone; a whole script goes to npm run configure -- --from-python FILE",
    };
  }
  const got = error.message.split(/ at line |\n/, 1)[0] ?? error.code;
  return { key, got: got.slice(0, 120), wanted: "valid YAML or JSON" };
}

/** Reads files; what cannot be read or parsed becomes a fault. */
class FileReader {
  readonly #cwd: string;
  readonly #faults: ConfigFault[];

  constructor(cwd: string, faults: ConfigFault[]) {
    this.#cwd = cwd;
    this.#faults = faults;
  }

  /** As people know it: relative where that is shorter. */
  name(file: string): string {
    const path = relative(this.#cwd, file);
    return path.startsWith("..") ? file : path.replaceAll("\\", "/");
  }

  text(file: string): string | undefined {
    try {
      return readFileSync(file, "utf8").replace(/^\uFEFF/, "");
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? "an error";
      this.#fault(file, "(file)", code, "a file that can be read");
      return undefined;
    }
  }

  yaml(file: string): unknown {
    const text = this.text(file);
    if (text === undefined) return undefined;
    const yaml = text.replace(ASSIGNMENT, "$1: ");
    const document = parseDocument(yaml, { prettyErrors: true });
    const [error] = document.errors.sort((a, b) => a.pos[0] - b.pos[0]);
    if (error) {
      // What follows the first mistake is mostly its echo.
      const { key, got, wanted } = syntaxFault(yaml, error);
      this.#fault(file, key, got, wanted);
      return undefined;
    }
    try {
      return document.toJS({ maxAliasCount: 100 });
    } catch {
      this.#fault(file, "(text)", "aliases without end", "at most 100 uses of aliases");
      return undefined;
    }
  }

  env(file: string): Record<string, string | undefined> {
    if (!existsSync(file)) return {};
    const text = this.text(file);
    return text === undefined ? {} : parseEnv(text);
  }

  #fault(file: string, key: string, got: string, wanted: string): void {
    this.#faults.push({ file: this.name(file), key, got, wanted });
  }
}
