import { expect, test } from "vitest";
import { wrapWords } from "../../src/console/wrap-words.ts";

test("breaks a line between words, and leaves one that fits", () => {
  expect(wrapWords("one two three\nfour\n", 9)).toBe("one two\nthree\nfour\n");
  expect(wrapWords("one two\n", 7)).toBe("one two\n");
});

test("goes on below the text of a list's item, and of what is set in", () => {
  expect(wrapWords("- one two three", 9)).toBe("- one two\n  three");
  expect(wrapWords("  [memory] saved it", 12)).toBe("  [memory]\n  saved it");
});

test("leaves code as it is, for whoever copies it", () => {
  expect(wrapWords("    const a = b + c;\n\tif (a) b();", 8)).toBe(
    "    const a = b + c;\n\tif (a) b();",
  );
});

test("counts no columns for styles, and two for wide letters", () => {
  expect(wrapWords("\u001b[2mone two\u001b[0m", 7)).toBe("\u001b[2mone two\u001b[0m");
  expect(wrapWords("\u001b[2m  one two\u001b[0m", 7)).toBe("\u001b[2m  one\n  two\u001b[0m");
  expect(wrapWords("日本 語学", 8)).toBe("日本\n語学");
});

test("leaves a word that is wider than the screen to the terminal, and loses nothing", () => {
  const text = `${"x".repeat(25)} and so on`;
  expect(wrapWords(text, 10)).toBe(`${"x".repeat(25)} and\nso on`);
  expect(wrapWords("   ".repeat(9), 10).replaceAll("\n", "")).toMatch(/^ *$/);
});
