/**
 * Installs and builds what is missing, then runs a module of the product in this same process, so that
 * signals reach it and its exit code is the command's.
 */
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { buildIfStale } from "./build.mjs";
import { ensureInstalled } from "./ensure-installed.mjs";

/** @param {string[]} path below `dist/` */
export async function runBuilt(...path) {
  const root = join(dirname(fileURLToPath(import.meta.url)), "..");
  if (ensureInstalled(root) && buildIfStale(root)) {
    const main = join(root, "dist", ...path);
    process.argv[1] = main;
    await import(pathToFileURL(main).href);
  } else {
    process.exitCode = 1;
  }
}
