import { expect, it } from "vitest";
import { foldText, readQuery } from "../../../src/memgpt/ranking/search-query.ts";

it("takes a query in double quotes for exactly this text", () => {
  expect(readQuery(' "green tea" ')).toEqual({ text: "green tea", exact_only: true });
  expect(readQuery("“green tea”")).toEqual({ text: "green tea", exact_only: true });
});

it("takes everything else as it is", () => {
  for (const text of ["green tea", '"green" or "tea"', '"', '""', "it's 'tea'", 'say "tea"']) {
    expect(readQuery(text)).toEqual({ text, exact_only: false });
  }
  expect(readQuery(" green tea\n").text).toBe("green tea");
});

it.each([
  ["Don’t say “never”", 'don\'t say "never"'],
  ["a long \n  sentence", "a long sentence"],
  ["Cafe\u0301 ﬁrst", "café first"],
])("folds what reads the same: %j", (text, folded) => {
  expect(foldText(text)).toBe(folded);
  expect(foldText(folded)).toBe(folded);
});
