/**
 * `config/models.yaml` and `.env`, written so that nothing is lost: an old file is kept beside the new
 * one, keys go into `.env`, and both can be read only by their owner.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parseEnv } from "node:util";
import { stringify } from "yaml";

const HEAD = "# Written by npm run configure. Every key: docs/configuration.md.\n";
const NAMES = ["models.yaml", "models.yml", "models.json"];

type Environment = Readonly<Record<string, string | undefined>>;

/** Where the bot looks for its files; undefined where it is told to read one file only. */
export function folderOf(cwd: string, env: Environment): string | undefined {
  const path = resolve(cwd, env.COLLOQUY_CONFIG || "config");
  return statSync(path, { throwIfNoEntry: false })?.isFile() ? undefined : path;
}

/** The environment, `.env` included, as the bot will have it. */
export function envOf(cwd: string, env: Environment): Environment {
  const file = join(cwd, ".env");
  return existsSync(file) ? { ...parseEnv(readFileSync(file, "utf8")), ...env } : env;
}

/** The file that the bot would read now; undefined where there is none. */
export function existingFile(folder: string): string | undefined {
  return NAMES.map((name) => join(folder, name)).find((file) => existsSync(file));
}

export function yamlOf(values: Readonly<Record<string, unknown>>): string {
  return HEAD + stringify(values, { lineWidth: 0 });
}

/** Gives the file's path, and where the old one went. */
export function writeModels(folder: string, yaml: string): { file: string; kept?: string } {
  const old = existingFile(folder);
  const kept = old === undefined ? undefined : freeName(`${old}.bak`);
  if (old !== undefined && kept !== undefined) renameSync(old, kept);
  const file = join(folder, "models.yaml");
  writeWhole(file, yaml);
  return { file, ...(kept === undefined ? {} : { kept }) };
}

/** Adds variables to `.env`; a line of the same name is replaced. */
export function addToEnv(cwd: string, variables: ReadonlyMap<string, string>): void {
  if (variables.size === 0) return;
  const file = join(cwd, ".env");
  const before = existsSync(file) ? readFileSync(file, "utf8") : "";
  const kept = before.split("\n").filter((line) => {
    const name = /^\s*(?:export\s+)?(\w+)\s*=/.exec(line)?.[1];
    return name === undefined || !variables.has(name);
  });
  const added = [...variables].map(([name, value]) => `${name}=${value}`);
  const body = kept.join("\n").trimEnd();
  writeWhole(file, `${[...(body === "" ? [] : [body]), ...added].join("\n")}\n`);
}

/** Beside and then over, so that a crash leaves the old file or the new one. */
function writeWhole(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  const beside = `${file}.${process.pid}.tmp`;
  writeFileSync(beside, text, { mode: 0o600 });
  renameSync(beside, file);
}

function freeName(name: string): string {
  let free = name;
  for (let i = 2; existsSync(free) && i < 1000; i += 1) free = `${name}${i}`;
  return free;
}
