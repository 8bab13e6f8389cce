/**
 * Compiles to dist/ when that is missing or older than what it is made from. Writes over the old
 * files and then removes those whose source is gone, so that a running bot never loses a file that
 * it may still start (its PDF reader, its Chroma runner).
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { exclusively } from "./exclusive.mjs";

const SOURCES = ["src", "commands", "config"];
const SETTINGS = ["tsconfig.json", "tsconfig.build.json", "package-lock.json"];
/** Tells what dist/ was made from. */
const STAMP = "dist/.built-from";

/**
 * True when dist/ is up to date, or was brought so. Otherwise says on stderr what to do.
 *
 * @param {string} root
 */
export function buildIfStale(root) {
  if (isFresh(root)) return true;
  const wait = () => say("Another process is building; waiting for it.");
  return exclusively(root, "build", wait, () => isFresh(root) || build(root));
}

/** @param {string} root */
function isFresh(root) {
  try {
    return readFileSync(join(root, STAMP), "utf8") === fingerprint(root, sourcesIn(root));
  } catch (error) {
    if (error.code === "ENOENT") return false;
    throw error;
  }
}

/** What the compiler takes in and puts out: TypeScript, and JavaScript with checked types. */
const CODE = /\.[cm]?[jt]s(?:\.map)?$/;

/**
 * The files that are compiled, with forward slashes.
 *
 * @param {string} root
 */
function sourcesIn(root) {
  return SOURCES.flatMap((folder) => filesIn(root, folder)).filter((path) => CODE.test(path));
}

/**
 * @param {string} root
 * @param {string} folder
 * @returns {string[]}
 */
function filesIn(root, folder) {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return filesIn(root, path);
    return entry.isFile() ? [path] : [];
  });
}

/**
 * Names, sizes and times instead of contents: some 300 files in a few milliseconds. Unlike a
 * comparison of times alone it notices a removed file, and one that is older than the one before.
 *
 * @param {string} root
 * @param {string[]} sources
 */
function fingerprint(root, sources) {
  const hash = createHash("sha256");
  for (const path of [...sources, ...SETTINGS].sort()) {
    const { size, mtimeMs } = statSync(join(root, path));
    hash.update(`${path} ${size} ${mtimeMs}\n`);
  }
  return hash.digest("hex");
}

/** @param {string} root */
function build(root) {
  say("Building, once after a change.");
  // Taken before: a file that changes while it is compiled is compiled again the next time.
  const sources = sourcesIn(root);
  const stamp = fingerprint(root, sources);
  rmSync(join(root, STAMP), { force: true });
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  const { status, error } = spawnSync(process.execPath, [tsc, "-p", "tsconfig.build.json"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
  });
  if (error || status !== 0) {
    say(
      `The build failed: ${error?.message ?? "the lines above say where"}.`,
      "Correct that, or go back to a version that builds, and run the command again.",
    );
    return false;
  }
  removeStale(root, sources);
  mkdirSync(join(root, "dist"), { recursive: true });
  writeFileSync(join(root, STAMP), stamp);
  return true;
}

/**
 * @param {string} root
 * @param {string[]} sources
 */
function removeStale(root, sources) {
  const kept = new Set(sources.map((path) => `dist/${path.replace(CODE, "")}`));
  for (const path of filesIn(root, "dist")) {
    if (!kept.has(path.replace(CODE, ""))) rmSync(join(root, path), { force: true });
  }
}

/** @param {string[]} lines */
function say(...lines) {
  process.stderr.write(`${lines.join("\n")}\n`);
}

const called = process.argv[1] ? realpathSync(process.argv[1]) : "";
if (called === fileURLToPath(import.meta.url)) {
  const root = join(dirname(fileURLToPath(import.meta.url)), "..");
  process.exitCode = buildIfStale(root) ? 0 : 1;
}
