import { describe, expect, it } from "vitest";
import { MESSAGE_LIMIT, splitMessage } from "../../src/discord/split.ts";

/** A small seeded generator, so that a failing text can be made again. */
function seeded(seed: number): (below: number) => number {
  let state = seed >>> 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state % below;
  };
}

const WORDS =
  "memory agent window the a of pages queue **bold words** `inline code` it's ünïcödé".split(" ");

function prose(random: (below: number) => number, length: number): string {
  let text = "";
  while (text.length < length) {
    text += WORDS[random(WORDS.length)] ?? "";
    const end = random(20);
    text += end === 0 ? ".\n\n" : end === 1 ? "\n" : end < 4 ? ". " : " ";
  }
  return text;
}

function code(random: (below: number) => number, lines: number): string {
  const body = Array.from({ length: lines }, (_, i) => {
    const depth = random(4);
    return random(8) === 0 ? "" : `${"    ".repeat(depth)}call_${i}(${"x".repeat(random(60))})`;
  });
  return ["```python", "def start():", ...body, "    return 1", "```"].join("\n");
}

function withoutSpace(text: string): string {
  return text.replace(/\s+/g, "");
}

function halfPairs(text: string): number {
  return (text.match(/\p{Surrogate}/gu) ?? []).length;
}

function fenceCount(text: string): number {
  return text.split("```").length - 1;
}

describe("splitMessage", () => {
  it("leaves a text of exactly 2,000 characters whole", () => {
    const text = "a".repeat(MESSAGE_LIMIT);
    expect(splitMessage(text)).toEqual([text]);
  });

  it("gives no piece for nothing, white space or invisible characters", () => {
    expect(splitMessage("")).toEqual([]);
    expect(splitMessage(" \n\t \n")).toEqual([]);
    expect(splitMessage("\u200b\u2060 \u200d")).toEqual([]);
  });

  it("cuts between paragraphs when it can", () => {
    const first = `${"one ".repeat(300)}end.`;
    const second = `${"two ".repeat(300)}end.`;
    expect(splitMessage(`${first}\n\n${second}`)).toEqual([first, second]);
  });

  it("prefers a line, then a sentence, then a word", () => {
    const line = "x".repeat(1500);
    expect(splitMessage(`${line}\n${"y ".repeat(700)}`)[0]).toBe(line);
    const sentence = `${"x".repeat(1500)}.`;
    expect(splitMessage(`${sentence} ${"y ".repeat(700)}`)[0]).toBe(sentence);
    const words = splitMessage("word ".repeat(600));
    expect(words[0]).toMatch(/word$/);
    expect(words[1]).toMatch(/^word/);
  });

  it("opens a cut fence again with its language", () => {
    const lines = Array.from({ length: 160 }, (_, i) => `    line_${i}_of_the_function()`);
    const pieces = splitMessage(["```python", ...lines, "```"].join("\n"));
    expect(pieces.length).toBeGreaterThan(1);
    for (const piece of pieces) {
      expect(piece).toMatch(/^```python\n/);
      expect(piece).toMatch(/\n```$/);
    }
    const kept = pieces.flatMap((piece) => piece.split("\n").slice(1, -1));
    expect(kept).toEqual(lines);
  });

  it("moves a fence that fits one message whole into the next", () => {
    const intro = "intro words ".repeat(100).trim();
    const block = `\`\`\`js\n${"let a = 1;\n".repeat(120)}\`\`\``;
    expect(splitMessage(`${intro}\n\n${block}\n\nDone.`)).toEqual([intro, `${block}\n\nDone.`]);
  });

  it("closes a fence that the model left open", () => {
    const pieces = splitMessage(`Look:\n\`\`\`ts\n${"const a = 1;\n".repeat(300)}`);
    for (const piece of pieces) expect(fenceCount(piece) % 2).toBe(0);
  });

  it("keeps lone backticks in prose from becoming fences", () => {
    const text = `${"Type ``` to begin a block. ".repeat(1)}${"More words. ".repeat(200)}`;
    for (const piece of splitMessage(text)) expect(piece).not.toMatch(/```$/);
  });

  it("never cuts within bold, inline code or a link that is short enough", () => {
    const text =
      "**bold words here** `inline code here` [a link text](https://example.org/a) ".repeat(60);
    for (const piece of splitMessage(text)) {
      expect((piece.match(/\*\*/g) ?? []).length % 2).toBe(0);
      expect((piece.match(/`/g) ?? []).length % 2).toBe(0);
      expect((piece.match(/\[/g) ?? []).length).toBe((piece.match(/\)/g) ?? []).length);
    }
  });

  it("keeps emoji families and flags whole", () => {
    const family = "👨‍👩‍👧‍👦";
    const text = family.repeat(400);
    const pieces = splitMessage(text);
    expect(pieces.join("")).toBe(text);
    for (const piece of pieces) expect(piece.length % family.length).toBe(0);
    expect(halfPairs(splitMessage("🇩🇪".repeat(900)).join(""))).toBe(0);
  });

  it("gets on with a grapheme, a word or a run of backticks longer than a message", () => {
    for (const text of [`e${"\u0301".repeat(5000)}`, "w".repeat(5000), "`".repeat(5000)]) {
      const pieces = splitMessage(text);
      expect(pieces.join("")).toBe(text);
      for (const piece of pieces) expect(piece.length).toBeLessThanOrEqual(MESSAGE_LIMIT);
    }
  });

  it("replaces half surrogate pairs and control characters, which JSON or Discord refuse", () => {
    expect(splitMessage("a\ud83d b\u0000c\r\nd")).toEqual(["a\ufffd bc\nd"]);
  });

  it("keeps every word of random prose whole, and in order", () => {
    for (let seed = 1; seed <= 60; seed += 1) {
      const text = prose(seeded(seed * 104_729), 7000);
      const words = splitMessage(text).flatMap((piece) => piece.split(/\s+/));
      expect(words, `seed ${seed}`).toEqual(text.trim().split(/\s+/));
    }
  });

  it("keeps every promise on random prose, code and emoji", () => {
    for (let seed = 1; seed <= 150; seed += 1) {
      const random = seeded(seed * 7919);
      const parts = Array.from({ length: 1 + random(4) }, () =>
        random(3) === 0
          ? code(random, 10 + random(90))
          : random(4) === 0
            ? "😀👍🏽🇫🇷".repeat(random(200))
            : prose(random, random(3000)),
      );
      const text = parts.join("\n\n");
      const pieces = splitMessage(text, { first: 400 + random(1600) });
      expect(splitMessage(text, { first: 2000 })).toEqual(splitMessage(text, { first: 2000 }));
      for (const piece of pieces) {
        expect(piece.length, `seed ${seed}`).toBeLessThanOrEqual(MESSAGE_LIMIT);
        expect(piece.trim(), `seed ${seed}`).not.toBe("");
        expect(fenceCount(piece) % 2, `seed ${seed}`).toBe(0);
        expect(halfPairs(piece), `seed ${seed}`).toBe(0);
      }
      const joined = withoutSpace(pieces.join("\n"))
        .replaceAll("```python", "")
        .replaceAll("```", "");
      const wanted = withoutSpace(text).replaceAll("```python", "").replaceAll("```", "");
      expect(joined, `seed ${seed}`).toBe(wanted);
      const codeLines = text.split("\n").filter((line) => /^ +call_/.test(line));
      const seen = new Set(pieces.flatMap((piece) => piece.split("\n")));
      for (const line of codeLines) expect(seen.has(line), `seed ${seed}: ${line}`).toBe(true);
    }
  });
});
