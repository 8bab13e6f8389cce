import { expect, it } from "vitest";
import { readQuery } from "../../../src/memgpt/ranking/search-query.ts";

it("takes a query in double quotes for exactly this text", () => {
  expect(readQuery(' "green tea" ')).toEqual({ text: "green tea", exact_only: true });
  expect(readQuery("“green tea”")).toEqual({ text: "green tea", exact_only: true });
});

it("takes everything else as it is", () => {
  for (const text of ["green tea", '"green" or "tea"', '"', '""', "it's 'tea'", 'say "tea"']) {
    expect(readQuery(text)).toEqual({ text, exact_only: false });
  }
});
