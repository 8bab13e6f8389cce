/** How much the bot keeps on disk, Chroma's index apart. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** Bytes of all files under `folder`, without what lies in folders called `chroma`. */
export function bytesIn(folder: string): number {
  let bytes = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) bytes += entry.name === "chroma" ? 0 : bytesIn(path);
    // A file may go while we look: SQLite's log, when it is folded in.
    else bytes += statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  }
  return bytes;
}
