/**
 * `npm run load -- directory --name paper --input-files=paper.pdf`: installs and builds what is
 * missing, then loads documents into a data source.
 */
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { buildIfStale } from "./build.mjs";
import { ensureInstalled } from "./ensure-installed.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
if (ensureInstalled(root) && buildIfStale(root)) {
  await import(pathToFileURL(join(root, "dist", "src", "load.js")).href);
} else {
  process.exitCode = 1;
}
