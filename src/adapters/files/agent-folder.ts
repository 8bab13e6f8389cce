/**
 * The `AgentFiles` port on disk: each agent has one flat folder, named by a hash of its owner, under
 * `<data_dir>/files/`. Names are plain names, links are never followed, and everything has a limit, so
 * that what a model writes stays there and cannot fill the disk.
 */
import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, lstat, mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { AgentFiles } from "../../memgpt/ports.ts";
import { ColloquyError, errorCode } from "../../shared/errors.ts";

export interface AgentFolderLimits {
  /** Bytes of one file. Default 1 MiB. */
  max_file_bytes?: number;
  /** Files of one agent. Default 64. */
  max_files?: number;
}

const { O_RDONLY, O_WRONLY, O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
/** No separator, no drive, no hidden or empty name; at most 100 characters. */
const NAME = /^(?=.{1,100}$)[\p{L}\p{N}_][\p{L}\p{N}\p{M} ._-]*(?<![ .])$/u;
/** Windows opens devices under these, whatever the ending. */
const DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;

export class AgentFolder implements AgentFiles {
  readonly #root: string;
  readonly #maxBytes: number;
  readonly #maxFiles: number;

  /** `root` is made when the first file is written. */
  constructor(root: string, limits: AgentFolderLimits = {}) {
    this.#root = root;
    this.#maxBytes = limits.max_file_bytes ?? 1024 * 1024;
    this.#maxFiles = limits.max_files ?? 64;
  }

  async read(owner: string, filename: string): Promise<string> {
    const name = checkedName(filename);
    const folder = this.#folderOf(owner);
    if (!(await this.#isThere(folder))) throw missing(name);
    return withFile(join(folder, name), O_RDONLY, name, async (file, size) => {
      if (size > this.#maxBytes) throw tooLarge(name, this.#maxBytes);
      return file.readFile("utf8");
    });
  }

  async append(owner: string, filename: string, text: string): Promise<void> {
    const name = checkedName(filename);
    const folder = this.#folderOf(owner);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await this.#isThere(folder);
    const path = join(folder, name);
    const names = await readdir(folder);
    if (!names.includes(name) && names.length >= this.#maxFiles) {
      throw refused(`There are ${this.#maxFiles} files already: add to one of them.`);
    }
    await withFile(path, O_WRONLY | O_APPEND | O_CREAT, name, async (file, size) => {
      if (size + Buffer.byteLength(text) > this.#maxBytes) throw tooLarge(name, this.#maxBytes);
      await file.appendFile(text, "utf8");
    });
  }

  async removeLines(owner: string, isGone: (line: string) => boolean): Promise<void> {
    const folder = this.#folderOf(owner);
    if (!(await this.#isThere(folder))) return;
    // Links, and what a crash left behind, are no texts of the agent's.
    const names = (await readdir(folder)).filter((name) => NAME.test(name));
    for (const name of names) {
      const path = join(folder, name);
      if (!(await lstat(path)).isFile()) continue;
      const text = await withFile(path, O_RDONLY, name, (file) => file.readFile("utf8"));
      const kept = text
        .split("\n")
        .filter((line) => !isGone(line))
        .join("\n");
      if (kept === text) continue;
      const next = join(folder, `.${name}.next`);
      await rm(next, { force: true });
      await withFile(next, O_WRONLY | O_CREAT | O_EXCL, name, async (file) => {
        await file.writeFile(kept, "utf8");
        await file.sync();
      });
      await rename(next, path);
    }
  }

  #folderOf(owner: string): string {
    return join(this.#root, createHash("sha256").update(owner).digest("hex").slice(0, 32));
  }

  /** False when there is no such folder; throws when it, or the root, is a link or a file. */
  async #isThere(folder: string): Promise<boolean> {
    for (const path of [this.#root, folder]) {
      try {
        if (!(await lstat(path)).isDirectory()) throw refused("The folder cannot be used.");
      } catch (error) {
        if (errorCode(error) === "ENOENT") return false;
        throw error;
      }
    }
    return true;
  }
}

async function withFile<T>(
  path: string,
  flags: number,
  name: string,
  work: (file: FileHandle, size: number) => Promise<T>,
): Promise<T> {
  // Opened first and looked at then: what is checked is what is used. A pipe must not block.
  const file = await open(path, flags | O_NOFOLLOW | O_NONBLOCK, 0o600).catch((error: unknown) => {
    if (errorCode(error) === "ENOENT") throw missing(name);
    if (["ELOOP", "EMLINK", "EISDIR", "ENXIO"].includes(errorCode(error))) throw notAFile(name);
    throw error;
  });
  try {
    const facts = await file.stat();
    // A second name may be one outside.
    if (!facts.isFile() || facts.nlink > 1) throw notAFile(name);
    return await work(file, facts.size);
  } finally {
    await file.close();
  }
}

function checkedName(filename: string): string {
  const name = filename.trim().normalize("NFC");
  if (NAME.test(name) && !DEVICE.test(name)) return name;
  throw refused(
    "'filename' argument must be the name of a file in your own folder, without a path: letters, digits, spaces, dots, hyphens and underscores, such as notes.txt",
  );
}

function missing(name: string): ColloquyError {
  return new ColloquyError("agent_file_missing", `The file '${name}' does not exist.`);
}

function notAFile(name: string): ColloquyError {
  return refused(`'${name}' is not an ordinary file.`);
}

function tooLarge(name: string, limit: number): ColloquyError {
  return refused(`'${name}' may have at most ${limit} bytes: begin another file.`);
}

function refused(message: string): ColloquyError {
  return new ColloquyError("agent_file_refused", message);
}
