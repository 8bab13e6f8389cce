import { describe, expect, it } from "vitest";
import { LEVELS, lookUp } from "../../bench/nested-kv.ts";

describe("nested key-value lookups", () => {
  it.each(LEVELS)("of level %i are all found, in level + 2 calls", async (level) => {
    expect(await lookUp(level, true)).toEqual({ questions: 20, found: 20, calls: level + 2 });
  });

  it("take one search more where only a search tells that a value is the last", async () => {
    expect(await lookUp(4, false)).toEqual({ questions: 20, found: 20, calls: 7 });
  });
});
