import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const TSX = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;

/** Each example is a module of its own, with the offline model as `llm` and asserts that throw. */
const PRELUDE = `import { OfflineChatModel } from "./src/adapters/offline/offline-chat-model.ts";
const llm = new OfflineChatModel();
console.log = () => {};
console.assert = (holds) => { if (!holds) throw new Error("an assertion of the example does not hold"); };
`;

it("runs every example of docs/autogen-api.md", () => {
  const text = readFileSync(join(ROOT, "docs/autogen-api.md"), "utf8");
  const examples = [...text.matchAll(/^```ts\n(.*?)^```/gms)].map((match) => match[1] ?? "");
  expect(examples.length).toBeGreaterThan(9);
  // Inside the repository, so that packages are found, where git does not look; src by its address.
  mkdirSync(join(ROOT, "dist"), { recursive: true });
  const folder = mkdtempSync(join(ROOT, "dist/.api-examples-"));
  try {
    const src = pathToFileURL(join(ROOT, "src/")).href;
    const names = examples.map((example, i) => {
      const name = `example-${i}.mts`;
      writeFileSync(join(folder, name), (PRELUDE + example).replaceAll("./src/", src));
      return name;
    });
    const all = names.map((name) => `await import("./${name}");`).join("\n");
    writeFileSync(join(folder, "all.mts"), `${all}\nprocess.stdout.write("all ran");\n`);
    const args = ["--import", TSX, join(folder, "all.mts")];
    expect(execFileSync(process.execPath, args, { encoding: "utf8" })).toBe("all ran");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
