/**
 * The files of a folder that somebody at the terminal names: ordinary ones, in the order of their
 * names, hidden ones and links to elsewhere left out.
 */
import { opendir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { DocumentError } from "../../documents/ports.ts";

const MOST_FILES = 1000;
const DEEPEST = 20;

/** Absolute paths. Fails with a `DocumentError` of a `file_…` code. */
export async function filesIn(folder: string, recursive: boolean): Promise<string[]> {
  const found: string[] = [];
  const waiting = [{ path: resolve(folder), depth: 0 }];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { path, depth } = next;
    const entries = await opendir(path).catch((cause: unknown) => {
      throw new DocumentError("file_unreachable", `The folder ${path} cannot be read.`, { cause });
    });
    for await (const entry of entries) {
      if (entry.name.startsWith(".")) continue;
      if (entry.isFile()) found.push(join(path, entry.name));
      if (recursive && entry.isDirectory() && depth < DEEPEST) {
        waiting.push({ path: join(path, entry.name), depth: depth + 1 });
      }
      if (found.length > MOST_FILES) {
        throw new DocumentError("file_too_large", `There are more than ${MOST_FILES} files.`, {
          next: "Name a folder with fewer, or the files themselves.",
        });
      }
    }
  }
  return found.sort();
}
