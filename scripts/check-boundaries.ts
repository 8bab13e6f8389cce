/**
 * `npm run check:boundaries`: reads the repository's code files, prints one line per fault (file,
 * line, rule, reason) and per question, and exits with 1 when there is a fault.
 */
import { readdirSync, readFileSync } from "node:fs";
import { checkFiles, type Finding, type SourceFile } from "./boundary-rules.ts";

const FOLDERS = ["src", "commands", "config", "tests", "bench", "examples", "scripts"];
const CODE = /\.(?:ts|mts|js|mjs|cjs)$/;

function readAll(): SourceFile[] {
  const top = readdirSync(".", { withFileTypes: true });
  const paths = top.flatMap((entry) => {
    if (entry.isFile()) return CODE.test(entry.name) ? [entry.name] : [];
    if (!FOLDERS.includes(entry.name)) return [];
    return readdirSync(entry.name, { recursive: true, encoding: "utf8" })
      .filter((path) => CODE.test(path) && !/(?:^|[\\/])node_modules[\\/]/.test(path))
      .map((path) => `${entry.name}/${path.replaceAll("\\", "/")}`);
  });
  return paths.sort().map((path) => ({ path, text: readFileSync(path, "utf8") }));
}

function print({ path, line, rule, reason }: Finding, mark: string): void {
  process.stdout.write(`${mark}${path}:${line}: ${rule} (${reason})\n`);
}

const files = readAll();
const { faults, questions } = checkFiles(files);
for (const question of questions) print(question, "question: ");
for (const fault of faults) print(fault, "");
process.stdout.write(`${files.length} files, ${faults.length} faults\n`);
process.exitCode = faults.length > 0 ? 1 : 0;
