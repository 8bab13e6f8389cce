import { execFileSync } from "node:child_process";

/** Compiles `dist/` before the end-to-end tests, which start the bot as people do: as a process. */
export function setup(): void {
  execFileSync(process.execPath, ["scripts/build.mjs"], { stdio: "inherit" });
}
