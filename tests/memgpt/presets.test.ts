import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { FUNCTION_NAMES } from "../../config/texts.ts";
import { BASE_FUNCTIONS } from "../../src/memgpt/base-functions.ts";
import { CORE_MEMORY_LIMIT } from "../../src/memgpt/core-memory.ts";
import { EXTRA_FUNCTIONS } from "../../src/memgpt/extra-functions.ts";
import { ALL_FUNCTIONS } from "./agent-fixture.ts";

const config = new URL("../../config/", import.meta.url);

function text(path: string): string {
  return readFileSync(new URL(path, config), "utf8");
}

describe("the presets of config/", () => {
  it.each(["memgpt_chat", "memgpt_docs"])(
    "%s names texts that exist and the base functions",
    (name) => {
      const preset = parse(text(`presets/${name}.yaml`));
      expect(preset.functions).toEqual(ALL_FUNCTIONS);
      expect(text(`prompts/${preset.system_prompt}.txt`)).toContain("send_message");
      expect(text(`personas/${preset.persona}.txt`)).not.toBe("");
      expect(preset.human, "the agent knows nobody yet").toBeUndefined();
    },
  );

  it("memgpt_extras adds files and HTTP requests, and no question to another model", () => {
    const preset = parse(text("presets/memgpt_extras.yaml"));
    expect(preset.functions).toEqual([
      ...ALL_FUNCTIONS,
      "read_from_text_file",
      "append_to_text_file",
      "http_request",
    ]);
    expect(preset.system_prompt).toBe("memgpt_chat");
  });

  it("may list every function that there is, and no other", () => {
    const known = [...BASE_FUNCTIONS.map((one) => one.schema.function.name), ...EXTRA_FUNCTIONS];
    expect([...FUNCTION_NAMES]).toEqual(known);
  });

  it("fit into core memory", () => {
    for (const folder of ["personas/", "humans/"]) {
      for (const file of readdirSync(new URL(folder, config))) {
        expect(text(folder + file).length).toBeLessThanOrEqual(CORE_MEMORY_LIMIT);
      }
    }
  });
});
