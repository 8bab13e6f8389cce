import { describe, expect, it } from "vitest";
import { type AppConfig, parseConfig } from "../../config/config.ts";
import { ConfigError } from "../../src/shared/errors.ts";

function parse(raw: unknown): AppConfig {
  return parseConfig(raw, { env: {}, fileOf: () => "config/test.yaml" });
}

function faultsOf(raw: unknown): string[] {
  try {
    parse(raw);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.faults.map(({ key, got, wanted }) => `${key}: ${got} -> ${wanted}`);
  }
  throw new Error("Expected a ConfigError.");
}

const people = { type: "user_proxy", name: "User_proxy" };
const lists = {
  config_list: [
    { model: "big", api_key: "k" },
    { model: "small", api_key: "k", tags: ["fast", "cheap"] },
  ],
};

function withAgent(agent: Record<string, unknown>): unknown {
  return { ...lists, agents: [people, { type: "assistant", name: "A", ...agent }] };
}

describe("templates", () => {
  it("are agents with a name, texts and perhaps a model of the list", () => {
    const critic = { name: "Critic", system_message: "You find faults.", model: "small" };
    const { templates } = parse({ ...lists, templates: [critic] }).groupchat;
    expect(templates).toEqual([{ ...critic, description: "" }]);
    expect(parse({}).groupchat.templates).toEqual([]);
  });

  it("name each fault with its key, what was got and what is wanted", () => {
    const long = "x".repeat(4001);
    expect(
      faultsOf({
        templates: [
          { name: "a b", system_message: "x" },
          { name: "MyClyde", system_message: long, descripton: "x" },
          { name: "Twice", system_message: "x" },
          { name: "twice", system_message: "x" },
          { description: 7 },
          "x",
        ],
      }),
    ).toEqual([
      'templates[0].name: "a b" -> 1 to 64 of the letters A-Z a-z, digits, _ and -',
      'templates[1].name: "MyClyde" -> a name without discord or clyde, which Discord refuses',
      "templates[1].system_message: a text of 4001 characters -> at most 4000 characters",
      "templates[1].descripton:  -> not a known key; did you mean `description`?",
      'templates[3].name: "twice" again -> a name that no other template has',
      "templates[4].name: nothing -> a name, such as Critic",
      "templates[4].description: 7 -> a text",
      "templates[4].system_message: nothing -> who the agent is and what it does",
      'templates[5]: "x" -> a mapping of keys to values',
    ]);
  });

  it("ask for no model that the list does not have", () => {
    const templates = [{ name: "A", system_message: "x", model: "huge" }];
    expect(faultsOf({ ...lists, templates })).toEqual([
      'templates[0].model: "huge" -> a model of config_list: big, small; tags fast, cheap',
    ]);
    expect(faultsOf({ templates })[0]).toContain("(it has none)");
  });
});

describe("the models of an agent", () => {
  it("are those of its list that filter_dict or model lets through", () => {
    const filterOf = (agent: Record<string, unknown>) => {
      const [, found] = parse(withAgent(agent)).groupchat.agents;
      return found && "filter_dict" in found ? found.filter_dict : undefined;
    };
    expect(filterOf({ filter_dict: { tags: ["fast"] } })).toEqual({ tags: ["fast"] });
    expect(filterOf({ filter_dict: { tags: "fast" } })).toEqual({ tags: ["fast"] });
    expect(filterOf({ model: "big" })).toEqual({ model: ["big"] });
    expect(filterOf({})).toBeUndefined();
    expect(filterOf({ type: "memgpt", model: "small" })).toEqual({ model: ["small"] });
  });

  it("must be there: what the list has is named", () => {
    const none = "what an entry of config_list has: big, small; tags fast, cheap";
    expect(faultsOf(withAgent({ model: "huge" }))).toEqual([
      `agents[1].filter_dict: model huge -> ${none}`,
    ]);
    expect(faultsOf(withAgent({ filter_dict: { tags: ["fast"], model: "big" } }))).toEqual([
      `agents[1].filter_dict: model big and tags fast -> ${none}`,
    ]);
    expect(faultsOf(withAgent({ type: "memgpt", filter_dict: { tags: ["x"] } }))[0]).toContain(
      "config_list_memgpt",
    );
    expect(faultsOf(withAgent({ model: "big", filter_dict: { tags: ["fast"] } }))).toEqual([
      "agents[1].model: both model and filter_dict -> one of them",
    ]);
    expect(faultsOf(withAgent({ filter_dict: { tags: [7], tag: "x" } }))).toEqual([
      "agents[1].filter_dict.tags: a list of 1 -> a text or a list of texts",
      "agents[1].filter_dict.tag:  -> not a known key; did you mean `tags`?",
    ]);
  });
});

describe("the budget", () => {
  it("limits tokens or dollars of a run, a channel's day and a person's", () => {
    const budget = {
      run: { tokens: 50_000 },
      channel_per_day: { cost: 1.5 },
      person_per_day: { tokens: 1, cost: 0.25 },
    };
    expect(parse({ budget }).groupchat.budget).toEqual(budget);
    expect(parse({}).groupchat.budget).toEqual({});
  });

  it("names what is wrong with it", () => {
    const budget = { run: {}, channel_per_day: { tokens: 0 }, person_day: { tokens: 1 } };
    expect(faultsOf({ budget })).toEqual([
      "budget.run: neither tokens nor cost -> one of them, or both",
      "budget.channel_per_day.tokens: 0 -> a whole number from 1 to 1000000000000",
      "budget.person_day:  -> not a known key; known here: run, channel_per_day, person_per_day",
    ]);
  });
});
