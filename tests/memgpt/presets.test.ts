import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { CORE_MEMORY_LIMIT } from "../../src/memgpt/core-memory.ts";
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
      expect(text(`humans/${preset.human}.txt`)).not.toBe("");
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

  it("fit into core memory", () => {
    for (const folder of ["personas/", "humans/"]) {
      for (const file of readdirSync(new URL(folder, config))) {
        expect(text(folder + file).length).toBeLessThanOrEqual(CORE_MEMORY_LIMIT);
      }
    }
  });
});
