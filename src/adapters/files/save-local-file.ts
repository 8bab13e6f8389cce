/** Files that the terminal's answers come with: written beside each other, never over one another. */
import { mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import { ColloquyError, errorCode } from "../../shared/errors.ts";

const MOST_OF_ONE_NAME = 1000;

/** Writes into `folder`, which is made if need be, and resolves with the path. */
export async function saveLocalFile(
  folder: string,
  file: { name: string; bytes: Uint8Array },
): Promise<string> {
  const plain = file.name.replace(/[^A-Za-z0-9._-]+/g, "-").replace(/^[.-]+/, "");
  const name = plain.slice(-100) || "file";
  const dot = name.indexOf(".");
  const stem = dot > 0 ? name.slice(0, dot) : name;
  const ending = name.slice(stem.length);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    for (let i = 1; i <= MOST_OF_ONE_NAME; i += 1) {
      const path = join(folder, i === 1 ? name : `${stem}-${i}${ending}`);
      const opened = await open(path, "wx", 0o600).catch((error: unknown) => {
        if (errorCode(error) === "EEXIST") return undefined;
        throw error;
      });
      if (!opened) continue;
      try {
        await opened.writeFile(file.bytes);
      } finally {
        await opened.close();
      }
      return path;
    }
  } catch (cause) {
    throw new ColloquyError("file_unwritable", `The file could not be written to ${folder}`, {
      next: "Make room there, or make the folder writable.",
      cause,
    });
  }
  throw new ColloquyError("file_unwritable", `There are too many files named ${name}`, {
    next: `Clear out ${folder}.`,
  });
}
