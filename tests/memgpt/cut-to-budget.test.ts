import { describe, expect, it } from "vitest";
import { cutToBudget } from "../../src/memgpt/cut-to-budget.ts";

const filler = (n: number): string => "lorem ipsum ".repeat(n).trim();

describe("texts in a budget", () => {
  it("stay whole when they fit together", () => {
    expect(cutToBudget(["short", filler(20)], 400, "")).toEqual(["short", filler(20)]);
  });

  it("leave what they do not need to the longer ones", () => {
    const [short, long] = cutToBudget(["short", filler(100)], 400, "");
    expect(short).toBe("short");
    expect(long?.length).toBeGreaterThan(380);
    expect(long?.length).toBeLessThan(400);
    expect(long?.endsWith(" …")).toBe(true);
  });

  it("are cut around the words that were looked for, in any form", () => {
    const text = `${filler(50)} she bought a canoe ${filler(50)}`;
    const [cut] = cutToBudget([text], 120, "Who buys canoes?");
    expect(cut).toContain("bought a canoe");
    expect(cut).toMatch(/^… .* …$/);
  });

  it("are cut around the query itself before anything else", () => {
    const text = `canoe ${filler(50)} half a canoe trip ${filler(50)}`;
    expect(cutToBudget([text], 120, "half a canoe")[0]).toContain("half a canoe trip");
  });

  it("count what takes more tokens for more, and are not cut within a character", () => {
    const [cut = ""] = cutToBudget(["漢字".repeat(200)], 200, "");
    expect([...cut].length).toBeLessThan(60);
    const [emoji = ""] = cutToBudget(["😀".repeat(200)], 201, "");
    expect(() => encodeURIComponent(emoji)).not.toThrow();
  });

  it("may be many and empty", () => {
    expect(cutToBudget([], 100, "x")).toEqual([]);
    expect(cutToBudget(["", ""], 100, "x")).toEqual(["", ""]);
  });
});
