import { describe, expect, it } from "vitest";
import {
  type ConfigEntry,
  configListFromJson,
  configListModel,
  filterConfig,
} from "../../src/autogen/index.ts";
import type { ChatRequest } from "../../src/memgpt/ports.ts";
import { ModelError } from "../../src/shared/errors.ts";
import { FakeClock } from "../fakes/fake-clock.ts";
import { ScriptedChatModel, type ScriptStep } from "../fakes/scripted-chat-model.ts";

const LIST = [
  { model: "gpt-4", api_key: "k1", tags: ["big", "paid"] },
  { model: "llama", base_url: "http://localhost:1234/v1", api_key: "NULL", tags: ["local"] },
  { model: "gpt-4", api_type: "azure", api_key: "k2" },
];
const hello: ChatRequest = { messages: [{ role: "user", content: "hi" }] };

describe("filterConfig", () => {
  it("keeps entries whose fields have one of the values, lists with one in common", () => {
    expect(filterConfig(LIST, { model: ["gpt-4"] })).toEqual([LIST[0], LIST[2]]);
    expect(filterConfig(LIST, { tags: ["local", "big"] })).toEqual([LIST[0], LIST[1]]);
    expect(filterConfig(LIST, { model: ["gpt-4"], tags: ["paid"] })).toEqual([LIST[0]]);
    expect(filterConfig(LIST, null)).toEqual(LIST);
  });

  it("accepts an absent field where null is among the values", () => {
    expect(filterConfig(LIST, { api_type: ["openai"] })).toEqual([]);
    expect(filterConfig(LIST, { api_type: [null, "openai"] })).toEqual([LIST[0], LIST[1]]);
  });

  it("keeps the others with exclude", () => {
    expect(filterConfig(LIST, { model: ["gpt-4"] }, true)).toEqual([LIST[1]]);
  });
});

describe("configListFromJson", () => {
  const files = new Map([
    ["OAI_CONFIG_LIST", JSON.stringify([{ model: "from the file" }])],
    ["conf/OAI_CONFIG_LIST", JSON.stringify([{ model: "from the folder" }])],
    ["/etc/list.json", JSON.stringify([{ model: "a" }, { model: "b" }])],
  ]);
  const readFile = (path: string) => files.get(path);
  const find = (env: Record<string, string>, more = {}) =>
    configListFromJson("OAI_CONFIG_LIST", { env, readFile, ...more });

  it("takes the variable before the file, as JSON or as a path", async () => {
    expect(await find({ OAI_CONFIG_LIST: '[{"model": "from the variable"}]' })).toEqual([
      { model: "from the variable" },
    ]);
    expect(await find({ OAI_CONFIG_LIST: "/etc/list.json" })).toHaveLength(2);
    expect(await find({})).toEqual([{ model: "from the file" }]);
    expect(await find({}, { file_location: "conf/" })).toEqual([{ model: "from the folder" }]);
  });

  it("filters what it finds", async () => {
    const env = { OAI_CONFIG_LIST: "/etc/list.json" };
    expect(await find(env, { filter_dict: { model: ["b"] } })).toEqual([{ model: "b" }]);
  });

  it("rejects where there is none, and what is not a list, without showing keys", async () => {
    const missing = configListFromJson("NOWHERE", { env: {}, readFile });
    await expect(missing).rejects.toMatchObject({ code: "config_list_missing" });
    const broken = find({ OAI_CONFIG_LIST: '{"api_key": "sk-secret"}' });
    await expect(broken).rejects.toThrow(/does not hold a JSON list/);
    await expect(broken).rejects.not.toThrow(/sk-secret/);
  });
});

describe("a model over a config_list", () => {
  /** Models by the entry's name, and what each was made of. */
  function models(scripts: Record<string, readonly ScriptStep[]>) {
    const made: ConfigEntry[] = [];
    const byName = new Map(
      Object.entries(scripts).map(([name, steps]) => [name, new ScriptedChatModel(steps)]),
    );
    const modelFor = (entry: ConfigEntry) => {
      made.push(entry);
      return byName.get(String(entry.model)) ?? new ScriptedChatModel([]);
    };
    return { modelFor, made, byName };
  }
  const two = [{ model: "a" }, { model: "b" }];
  const down = () => new ModelError("unavailable", "Down.");

  it("begins each request at the first entry and goes on after a backend's failure", async () => {
    const { modelFor, byName } = models({
      a: [new ModelError("rate_limited", "Slow."), "a2"],
      b: ["b1"],
    });
    const model = configListModel({ config_list: two }, { modelFor });
    expect((await model.complete(hello)).content).toBe("b1");
    expect((await model.complete(hello)).content).toBe("a2");
    byName.get("b")?.assertDone();
  });

  it("throws the last error when all fail", async () => {
    const { modelFor } = models({ a: [down()], b: [new ModelError("timeout", "Late.")] });
    const answer = configListModel({ config_list: two }, { modelFor }).complete(hello);
    await expect(answer).rejects.toThrow("Late.");
  });

  it("throws refused content and what is no backend's failure at once", async () => {
    const { modelFor } = models({
      a: [new ModelError("content_filter", "No."), new TypeError("a bug")],
      b: [],
    });
    const model = configListModel({ config_list: two }, { modelFor });
    await expect(model.complete(hello)).rejects.toThrow("No.");
    await expect(model.complete(hello)).rejects.toThrow("a bug");
  });

  it("lets the entry go before the list's shared keys, and both before the call", async () => {
    const { modelFor, made, byName } = models({ a: ["x"] });
    const model = configListModel(
      { config_list: [{ model: "a", temperature: 0, max_tokens: 5 }], temperature: 1, top_p: 0.5 },
      { modelFor },
    );
    expect(made[0]).toMatchObject({ temperature: 0, top_p: 0.5, max_tokens: 5 });
    await model.complete({ ...hello, max_tokens: 99 });
    expect(byName.get("a")?.requests[0]?.max_tokens).toBe(5);
  });

  it("asks the next entry when filter_func refuses, and gives the last answer all the same", async () => {
    const { modelFor } = models({ a: ["bad", "bad"], b: ["good", "bad too"] });
    const filter_func = ({ content }: { content: string | null }) => content === "good";
    const model = configListModel({ config_list: two, filter_func }, { modelFor });
    expect(await model.complete(hello)).toMatchObject({ content: "good", pass_filter: true });
    expect(await model.complete(hello)).toMatchObject({ content: "bad too", pass_filter: false });
  });

  it("asks anew each time unless a cache_seed is given", async () => {
    const { modelFor } = models({ a: ["one", "two", "three"] });
    const plain = configListModel(
      { config_list: [{ model: "a" }], cache_seed: null },
      { modelFor },
    );
    expect((await plain.complete(hello)).content).toBe("one");
    expect((await plain.complete(hello)).content).toBe("two");
    const cached = configListModel({ config_list: [{ model: "a" }], cache_seed: 41 }, { modelFor });
    expect(await cached.complete(hello)).not.toHaveProperty("cached");
    expect(await cached.complete(hello)).toMatchObject({ content: "three", cached: true });
  });

  it("shares the cache between endpoints and keys, not between seeds or requests", async () => {
    const kept = new Map();
    const cache = {
      get: (key: string) => kept.get(key),
      set: (key: string, value: unknown) => void kept.set(key, value),
    };
    const { modelFor } = models({ a: ["first", "other seed", "other words"] });
    const at = (entry: ConfigEntry, request = hello) =>
      configListModel({ config_list: [{ model: "a", ...entry }] }, { modelFor, cache }).complete(
        request,
      );
    await at({ cache_seed: 1, api_key: "k1", base_url: "http://one" });
    const again = await at({ cache_seed: 1, api_key: "k2", base_url: "http://two" });
    expect(again).toMatchObject({ content: "first", cached: true });
    expect((await at({ cache_seed: 2 })).content).toBe("other seed");
    const other: ChatRequest = { messages: [{ role: "user", content: "bye" }] };
    expect((await at({ cache_seed: 1 }, other)).content).toBe("other words");
    expect(JSON.stringify([...kept.keys()])).not.toMatch(/k1|http/);
  });

  it("takes the cost from the entry's price", async () => {
    const { modelFor } = models({ a: [{ content: "x", total_tokens: 2000 }] });
    const config_list = [{ model: "a", price: [0.01, 0.03] }];
    expect((await configListModel({ config_list }, { modelFor }).complete(hello)).cost).toBe(0.02);
  });

  it("keeps to api_rate_limit", async () => {
    const clock = new FakeClock();
    const { modelFor, byName } = models({ a: ["1", "2"] });
    const config_list = [{ model: "a", api_rate_limit: 2 }];
    const model = configListModel({ config_list }, { modelFor, clock });
    await model.complete(hello);
    const second = model.complete(hello);
    await clock.advance(499);
    expect(byName.get("a")?.requests).toHaveLength(1);
    await clock.advance(1);
    expect((await second).content).toBe("2");
    expect(() => configListModel({ config_list }, { modelFor })).toThrow(/needs a clock/);
  });

  it("serves backends that take less than OpenAI, by the entry's settings", async () => {
    const { modelFor, byName } = models({ a: ["x"] });
    const entry = { model: "a", one_system_message: true, alternate_roles: true, no_names: true };
    await configListModel({ config_list: [entry] }, { modelFor }).complete({
      messages: [
        { role: "system", content: "S" },
        { role: "user", content: "1", name: "Ada" },
        { role: "user", content: "2", name: "Bob" },
        { role: "system", content: "Who?" },
      ],
    });
    expect(byName.get("a")?.requests[0]?.messages).toEqual([
      { role: "system", content: "S" },
      { role: "user", content: "Ada: 1\n\nBob: 2\n\nWho?" },
    ]);
  });

  it("has the smallest window of the list and needs an entry", () => {
    const sizes = new Map([
      ["a", 100],
      ["b", 50],
    ]);
    const modelFor = ({ model }: ConfigEntry) =>
      new ScriptedChatModel([], { context_window: sizes.get(String(model)) ?? 0 });
    expect(configListModel({ config_list: two }, { modelFor }).context_window).toBe(50);
    expect(() => configListModel({ config_list: [] }, { modelFor })).toThrow(/no entry/);
  });
});
