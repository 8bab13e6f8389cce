/**
 * Before `npm start` and `npm test`: checks Node's version and installs the dependencies when they
 * are missing or not those of package-lock.json. Plain JavaScript without dependencies, so that it
 * runs on a fresh clone; does nothing, fast, when nothing is to do.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { exclusively } from "./exclusive.mjs";

const NEEDED = [20, 19];

/**
 * True when everything is in place. Otherwise says on stderr what is wrong and what to do.
 *
 * @param {string} root
 */
export function ensureInstalled(root) {
  if (!isNodeNewEnough(process.versions.node)) {
    say(
      `Colloquy needs Node ${NEEDED.join(".")} or newer, and this is ${process.versions.node}.`,
      "Install a newer one from https://nodejs.org and run the command again.",
    );
    return false;
  }
  if (isInstalled(root)) return true;
  const wait = () => say("Another process is installing the dependencies; waiting for it.");
  return exclusively(root, "install", wait, () => isInstalled(root) || install(root));
}

/** @param {string} version */
function isNodeNewEnough(version) {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1]);
}

/**
 * Whether node_modules holds the versions that package-lock.json asks for. npm writes its own record
 * of them last, so an interrupted installation has none.
 *
 * @param {string} root
 */
function isInstalled(root) {
  const wanted = packagesIn(join(root, "package-lock.json"));
  const there = packagesIn(join(root, "node_modules", ".package-lock.json"));
  return Object.entries(wanted).every(([path, { version, optional, devOptional, link }]) => {
    // Optional packages are left out where they do not fit the machine.
    if (path === "" || optional || devOptional || link) return true;
    return there[path]?.version === version;
  });
}

/**
 * @param {string} file
 * @returns {Record<string, { version?: string, optional?: boolean, devOptional?: boolean, link?: boolean }>}
 */
function packagesIn(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8")).packages ?? {};
  } catch {
    return {};
  }
}

/** @param {string} root */
function install(root) {
  say("Installing the dependencies, once. This can take some minutes.");
  // Dev dependencies too, whatever the environment says: the build needs TypeScript. Standard input
  // is left for the bot, and standard output too, which may be read by a program.
  const { status, error } = npm(root, ["ci", "--include=dev", "--no-audit", "--no-fund"]);
  if (error || status !== 0) {
    say(
      `Installing the dependencies failed: ${error?.message ?? `npm ci ended with code ${status}`}.`,
      "What npm wrote above says why. Most often the npm registry cannot be reached, or sqlite3 had to",
      "be compiled (no prebuilt binary could be downloaded) and Python 3, make or a C++ compiler is missing.",
      "Mend that and run the command again; nothing else needs to be cleaned up.",
    );
    return false;
  }
  if (!existsSync(join(root, "node_modules", "sqlite3", "build", "Release", "node_sqlite3.node"))) {
    say(
      "The dependencies are installed, but the native part of sqlite3 is not there: its install script",
      "did not run. If the bot cannot open its data, run: npm rebuild sqlite3 --ignore-scripts=false",
    );
  }
  return true;
}

/**
 * @param {string} root
 * @param {string[]} args
 */
function npm(root, args) {
  const options = { cwd: root, stdio: ["ignore", 2, 2] };
  const cli = process.env.npm_execpath ?? "";
  // Run by npm, as npm start is: the same npm, without a shell.
  if (basename(cli) === "npm-cli.js") return spawnSync(process.execPath, [cli, ...args], options);
  // On Windows npm is a batch file, which only a shell can run; the arguments are ours and plain.
  return process.platform === "win32"
    ? spawnSync(`npm.cmd ${args.join(" ")}`, { ...options, shell: true })
    : spawnSync("npm", args, options);
}

/** @param {string[]} lines */
function say(...lines) {
  process.stderr.write(`${lines.join("\n")}\n`);
}

const called = process.argv[1] ? realpathSync(process.argv[1]) : "";
if (called === fileURLToPath(import.meta.url)) {
  const root = join(dirname(fileURLToPath(import.meta.url)), "..");
  process.exitCode = ensureInstalled(root) ? 0 : 1;
}
