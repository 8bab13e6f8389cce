import { describe, expect, it } from "vitest";
import { parseConfig } from "../../config/config.ts";
import { ConfigError } from "../../src/shared/errors.ts";

const parse = (entry: Record<string, unknown>) =>
  parseConfig(
    { config_list: [{ model: "gpt-4", api_key: "k", ...entry }], config_list_memgpt: [] },
    { env: {}, fileOf: () => "models.yaml" },
  ).models.config_list[0];

describe("what an entry says about its model", () => {
  it("has a price, a rate limit, a cache_seed and what its backend cannot do", () => {
    const entry = {
      price: [0.01, 0.03],
      api_rate_limit: 0.5,
      cache_seed: 42,
      one_system_message: true,
      alternate_roles: true,
      no_names: true,
      no_empty_content: true,
    };
    expect(parse(entry)).toMatchObject(entry);
  });

  it("says nothing where nothing is said: no cache, no limit, no rules", () => {
    const entry = parse({ cache_seed: null, no_names: false });
    expect(Object.keys(entry ?? {}).sort()).toEqual(["api_key", "api_type", "base_url", "model"]);
  });

  it("is reported where it cannot be", () => {
    const faulty = () => parse({ price: [1], api_rate_limit: 0, cache_seed: "x", no_names: "y" });
    expect(faulty).toThrow(ConfigError);
    for (const key of ["price", "api_rate_limit", "cache_seed", "no_names"]) {
      expect(faulty).toThrow(new RegExp(`config_list\\[0\\]\\.${key}`));
    }
  });
});
