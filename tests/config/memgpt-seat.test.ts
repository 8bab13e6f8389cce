import { describe, expect, it } from "vitest";
import { type AppConfig, parseConfig } from "../../config/config.ts";
import { seatsFrom } from "../../src/app-seats.ts";
import { ConfigError } from "../../src/shared/errors.ts";
import { ScriptedChatModel } from "../fakes/scripted-chat-model.ts";
import { LetterEmbedder } from "../fakes/small-fakes.ts";

function parse(keys: Record<string, unknown>): AppConfig {
  const sam = { type: "memgpt", name: "Sam", system_message: "I am Sam.", ...keys };
  const raw = { agents: [{ type: "user_proxy", name: "U" }, sam] };
  const texts = {
    prompts: new Map([["memgpt_chat", "Remember."]]),
    personas: new Map([["sam_pov", "I am Sam."]]),
    humans: new Map([
      ["basic", "Chad."],
      ["crew", "Sailors."],
    ]),
    presets: new Map([
      ["memgpt_chat", { file: "memgpt_chat.yaml", value: { functions: ["send_message"] } }],
      ["ship", { file: "ship.yaml", value: { human: "crew", functions: ["send_message"] } }],
    ]),
  };
  return parseConfig(raw, { env: {}, fileOf: () => "config/test.yaml", texts });
}

/** The options that an agent is made with. */
function optionsOf(keys: Record<string, unknown>): unknown {
  const model = new ScriptedChatModel([]);
  const models = { plain: model, memgpt: model, embedder: new LetterEmbedder(), names: [] };
  const seat = seatsFrom(parse(keys), { ...models, filtered: () => models.memgpt, summary: "" })[1];
  return seat?.type === "memgpt" ? seat.memgpt : undefined;
}

describe("the prompt layout of a memgpt seat", () => {
  it("reaches the agent as it is configured", () => {
    expect(optionsOf({ layout: "memgpt_0_3" })).toMatchObject({ layout: "memgpt_0_3" });
    expect(optionsOf({ layout: "append" })).toMatchObject({ layout: "append" });
    expect(optionsOf({})).not.toHaveProperty("layout");
  });

  it("is one of two", () => {
    expect(() => parse({ layout: "memgpt" })).toThrow(ConfigError);
  });
});

describe("the human block of a memgpt seat", () => {
  it("is the agent's, else its preset's, else empty", () => {
    expect(optionsOf({})).toMatchObject({ human: "" });
    expect(optionsOf({ preset: "ship" })).toMatchObject({ human: "Sailors." });
    expect(optionsOf({ preset: "ship", human: "basic" })).toMatchObject({ human: "Chad." });
  });
});

describe("the preset of a memgpt seat", () => {
  it("is that of the first entry that its filter lets through, unless it names one", () => {
    const texts = {
      prompts: new Map([
        ["plain", "Remember."],
        ["other", "Forget nothing."],
      ]),
      personas: new Map([["sam_pov", "I am Sam."]]),
      humans: new Map([["basic", ""]]),
      presets: new Map(
        ["plain", "other"].map((name) => [
          name,
          {
            file: `${name}.yaml`,
            value: {
              system_prompt: name,
              persona: "sam_pov",
              human: "basic",
              functions: ["send_message"],
            },
          },
        ]),
      ),
    };
    const systemOf = (keys: Record<string, unknown>): unknown => {
      const raw = {
        config_list_memgpt: [
          { model: "big", openai_key: "k", preset: "plain" },
          { model: "small", openai_key: "k", preset: "other", tags: ["fast"] },
        ],
        agents: [
          { type: "user_proxy", name: "U" },
          { type: "memgpt", name: "M", ...keys },
        ],
      };
      const config = parseConfig(raw, { env: {}, fileOf: () => "config/test.yaml", texts });
      const model = new ScriptedChatModel([]);
      const models = { plain: model, memgpt: model, embedder: new LetterEmbedder(), names: [] };
      const seat = seatsFrom(config, { ...models, filtered: () => model, summary: "" })[1];
      return seat?.type === "memgpt" ? seat.memgpt.system : undefined;
    };
    expect(systemOf({})).toBe("Remember.");
    expect(systemOf({ filter_dict: { tags: ["fast"] } })).toBe("Forget nothing.");
    expect(systemOf({ filter_dict: { tags: ["fast"] }, preset: "plain" })).toBe("Remember.");
  });
});
