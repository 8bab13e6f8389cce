import { describe, expect, it } from "vitest";
import { checkFiles } from "../../scripts/boundary-rules.ts";

function faultsOf(path: string, text: string): string[] {
  return checkFiles([{ path, text }]).faults.map((fault) => `${fault.line}: ${fault.rule}`);
}

const imports = (...names: string[]) =>
  names.map((name) => `import { x } from "${name}";\n`).join("");

describe("boundary rules: who may import whom", () => {
  it.each([
    ["src/memgpt/agent.ts", "../shared/errors.ts"],
    ["src/autogen/group-chat.ts", "../memgpt/agent.ts"],
    ["src/documents/split.ts", "../memgpt/ports.ts"],
    ["src/channels/session.ts", "../documents/names.ts"],
    ["src/adapters/keyv/store.ts", "./backend.ts"],
    ["src/adapters/reading/reader.ts", "../../documents/ports.ts"],
    ["src/adapters/offline/model.ts", "../../shared/words.ts"],
    ["src/discord/bot.ts", "../channels/host.ts"],
    ["commands/attach.ts", "../src/channels/command.ts"],
    ["config/config.ts", "../src/shared/errors.ts"],
    ["src/app.ts", "./adapters/keyv/store.ts"],
    ["src/main.ts", "./app.ts"],
    ["tests/e2e/bot.test.ts", "../../src/app.ts"],
    ["bench/turns.ts", "../src/app.ts"],
  ])("lets %s import %s", (path, name) => {
    expect(faultsOf(path, imports(name))).toEqual([]);
  });

  it.each([
    ["src/shared/words.ts", "../memgpt/ports.ts"],
    ["src/memgpt/agent.ts", "../autogen/chat.ts"],
    ["src/documents/split.ts", "../memgpt/agent.ts"],
    ["src/channels/session.ts", "../adapters/keyv/store.ts"],
    ["src/adapters/keyv/store.ts", "../openai/client.ts"],
    ["src/adapters/keyv/store.ts", "../../memgpt/agent.ts"],
    ["src/discord/bot.ts", "../adapters/keyv/store.ts"],
    ["src/console/terminal.ts", "../memgpt/ports.ts"],
    ["commands/attach.ts", "../src/adapters/reading/reader.ts"],
    ["config/config.ts", "../src/shared/clock.ts"],
    ["src/channels/session.ts", "../app.ts"],
    ["tests/channels/session.test.ts", "../../src/app.ts"],
    ["src/memgpt/agent.ts", "../../tests/fakes/fake-clock.ts"],
    ["src/channels/session.ts", "openai"],
    ["src/app.ts", "@keyv/sqlite"],
    ["src/memgpt/agent.ts", "node:fs"],
    ["src/shared/words.ts", "crypto"],
  ])("does not let %s import %s", (path, name) => {
    expect(faultsOf(path, imports("./own.ts", name))).toHaveLength(1);
  });

  it("finds every form of import and gives its line", () => {
    const text = [
      'import type { A } from "./a.ts";',
      "import {",
      "  b,",
      '} from "../autogen/b.ts";',
      'export { c } from "../autogen/c.ts";',
      'const d = await import("../autogen/d.ts");',
      'import "../autogen/e.ts";',
    ].join("\n");
    expect(faultsOf("src/memgpt/x.ts", text).map((fault) => fault.split(":")[0])).toEqual([
      "4",
      "5",
      "6",
      "7",
    ]);
  });

  it("names the reason of the rule", () => {
    const [fault] = checkFiles([
      { path: "src/adapters/a/x.ts", text: imports("../b/y.ts") },
    ]).faults;
    expect(fault).toMatchObject({ path: "src/adapters/a/x.ts", line: 1 });
    expect(fault?.reason).toContain("could not be swapped alone");
  });

  it("passes over what stands in comments", () => {
    const text =
      '// import { x } from "../autogen/x.ts";\n/* Date.now()\nMath.random() */\nexport {};\n';
    expect(faultsOf("src/memgpt/x.ts", text)).toEqual([]);
  });
});

describe("boundary rules: pure code", () => {
  it.each(["Date.now()", "new Date()", "new Date", "Math.random()", "performance.now()"])(
    "has no %s",
    (code) => {
      expect(faultsOf("src/autogen/x.ts", `const a = 1;\nconst b = ${code};\n`)).toEqual([
        expect.stringMatching(/^2: pure code may not use/),
      ]);
      expect(faultsOf("src/adapters/system/x.ts", `const b = ${code};\n`)).toEqual([]);
    },
  );

  it("may turn a given time into a date", () => {
    expect(faultsOf("src/memgpt/x.ts", "const d = new Date(ms).getTime();\n")).toEqual([]);
  });
});

describe("boundary rules: files", () => {
  it("fails a file over 400 lines and asks about one over 300", () => {
    const lines = (count: number) => [{ path: "tests/a.test.ts", text: "x;\n".repeat(count) }];
    expect(checkFiles(lines(300))).toEqual({ faults: [], questions: [] });
    expect(checkFiles(lines(301)).questions).toHaveLength(1);
    expect(checkFiles(lines(400)).faults).toEqual([]);
    expect(checkFiles(lines(401)).faults).toHaveLength(1);
    expect(checkFiles(lines(401)).questions).toEqual([]);
  });

  it.each([
    ["src/memgpt/coreMemory.ts", "file names are kebab-case"],
    ["src/memgpt/core_memory.ts", "file names are kebab-case"],
    ["src/memgpt/index.ts", "no barrels"],
  ])("does not want %s", (path, rule) => {
    expect(faultsOf(path, "export {};\n")).toEqual([`1: ${rule}`]);
  });

  it.each([
    "src/memgpt/core-memory.ts",
    "commands/index.ts",
    "tests/a-b.test.ts",
    "scripts/start.mjs",
  ])("wants %s", (path) => {
    expect(faultsOf(path, "export {};\n")).toEqual([]);
  });

  it("wants no default exports but where a tool does", () => {
    const text = "\nexport default function f() {}\n";
    expect(faultsOf("src/memgpt/x.ts", text)).toEqual(["2: no default exports"]);
    expect(faultsOf("vitest.config.ts", text)).toEqual([]);
  });
});
