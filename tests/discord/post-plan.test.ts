import { describe, expect, it } from "vitest";
import { escapeMarkdown } from "../../src/channels/markdown.ts";
import { plainLine } from "../../src/discord/plain-line.ts";
import {
  isUnfinished,
  piecesUnderBotName,
  planDraft,
  planPost,
  planText,
  traceBlock,
} from "../../src/discord/post-plan.ts";
import { boldName, cutGraphemes, webhookName } from "../../src/discord/voice-name.ts";

const voice = { name: "MemGPT_coder" };

describe("planPost", () => {
  it("puts the traces as small grey lines above what was said", () => {
    const [piece] = planPost({ voice, text: "Hello.", traces: ["Ada is new.", "send_message"] });
    expect(piece?.content).toBe("-# Ada is new.\n-# send_message\nHello.");
  });

  it("counts the traces into the first piece", () => {
    const pieces = planPost({ voice, text: "word ".repeat(700), traces: ["thinking ".repeat(20)] });
    expect(pieces.length).toBe(2);
    for (const { content } of pieces) expect(content.length).toBeLessThanOrEqual(2000);
  });

  it("shows traces alone when nothing was said, and nothing when there is nothing", () => {
    expect(planPost({ voice, text: " ", traces: ["Waiting."] })).toEqual([
      { content: "-# Waiting." },
    ]);
    expect(planPost({ voice, text: "\u200b", traces: [" \n "] })).toEqual([]);
  });

  it("sends four pieces as messages and more as a file with a short beginning", () => {
    const paragraph = `${"word ".repeat(380).trim()}.`;
    const four = [paragraph, paragraph, paragraph, paragraph].join("\n\n");
    expect(planText(four, "coder")).toHaveLength(4);
    const [piece, ...rest] = planText(`${four}\n\n${paragraph}`, "Pat's coder");
    expect(rest).toEqual([]);
    expect(piece?.file).toEqual({ name: "Pat-s-coder.txt", text: `${four}\n\n${paragraph}` });
    expect(piece?.content.length).toBeLessThan(750);
    expect(piece?.content).toMatch(/\n-# The whole answer, 9,508 characters, is in the file\.$/);
  });

  it("calls the file Markdown when the text is, and closes a fence in the beginning", () => {
    const text = `\`\`\`js\n${"let a = 1;\n".repeat(1200)}\`\`\``;
    const [piece] = planText(text, "");
    expect(piece?.file?.name).toBe("answer.md");
    expect((piece?.content.split("```").length ?? 0) % 2).toBe(1);
  });

  it("gives the same pieces for the same post", () => {
    const post = { voice, text: "a b c. ".repeat(900), traces: ["x"] };
    expect(planPost(post)).toEqual(planPost({ ...post }));
  });
});

describe("traceBlock", () => {
  it("cuts long traces and counts those it leaves out", () => {
    const block = traceBlock(Array.from({ length: 30 }, (_, i) => `${i} ${"long ".repeat(100)}`));
    expect(block.length).toBeLessThanOrEqual(900);
    expect(block.split("\n").every((line) => line.startsWith("-# "))).toBe(true);
    expect(block).toMatch(/\n-# … \d+ more$/);
  });

  it("lets nothing format, break out, mention or preview", () => {
    const line = traceBlock(["a\n# b **c** <@123456789012345678> @everyone https://x.y `d` ||e||"]);
    expect(line.split("\n")).toHaveLength(1);
    expect(line).not.toMatch(/(?<!\\)[*`|<]/);
    expect(line).not.toContain("@everyone");
    expect(line).not.toContain("://");
  });

  it("leaves function names as they are written", () => {
    expect(plainLine("core_memory_append(name: human)")).toBe("core_memory_append(name: human)");
    expect(escapeMarkdown("_so_ __it__ > goes")).toBe("\\_so\\_ \\_\\_it\\_\\_ > goes");
  });
});

describe("webhookName", () => {
  it("breaks the words that Discord refuses with a hair space", () => {
    expect(webhookName("Clyde the Discord fan")).toBe("C\u200alyde the D\u200aiscord fan");
    expect(webhookName("everyone")).toBe("e\u200averyone");
    expect(webhookName("here")).toBe("h\u200aere");
    expect(webhookName("There")).toBe("There");
    expect(webhookName("a```b")).not.toContain("```");
  });

  it("keeps a name within 1 and 80 characters, never empty, never half a character", () => {
    expect(webhookName("")).toBe("Agent");
    expect(webhookName(" \n ")).toBe("Agent");
    expect(webhookName("A")).toBe("A\u17b5");
    expect(webhookName("x".repeat(200))).toHaveLength(80);
    expect(webhookName(`${"x".repeat(79)}😀`)).toBe("x".repeat(79));
    expect(webhookName("clyde".repeat(16)).length).toBeLessThanOrEqual(80);
  });

  it("leaves an ordinary name alone", () => {
    expect(webhookName("Product_manager")).toBe("Product_manager");
  });
});

describe("the bot's own message", () => {
  it("begins with the speaker's name in bold", () => {
    expect(piecesUnderBotName("Product_manager", { content: "Hi." })).toEqual([
      { content: "**Product_manager**\nHi." },
    ]);
  });

  it("needs a second message when the piece is full, the file going with the last", () => {
    const file = { name: "a.txt", text: "x" };
    const parts = piecesUnderBotName("Pat", { content: "word ".repeat(400).trim(), file });
    expect(parts).toHaveLength(2);
    expect(parts.map((part) => part.file)).toEqual([undefined, file]);
    for (const part of parts) {
      expect(part.content.length).toBeLessThanOrEqual(2000);
      expect(part.content.startsWith("**Pat**\n")).toBe(true);
    }
  });

  it("escapes a name that would format", () => {
    expect(boldName("**a**`b`")).toBe("**\\*\\*a\\*\\*\\`b\\`**");
    expect(boldName("*".repeat(300)).length).toBeLessThanOrEqual(100);
  });
});

describe("cutGraphemes", () => {
  it("cuts before a grapheme that does not fit whole", () => {
    expect(cutGraphemes("ab👨‍👩‍👧", 5)).toBe("ab");
    expect(cutGraphemes("abc", 3)).toBe("abc");
    expect(cutGraphemes("abcd", 3)).toBe("abc");
  });
});

describe("planDraft", () => {
  const draft = (text: string, traces: string[] = [], underBotName = false) =>
    planDraft({ voice, text, traces }, underBotName);

  it("marks what there is so far as unfinished, traces above it", () => {
    expect(draft("Once upon", ["Thinking."])).toEqual(["-# Thinking.\nOnce upon\n-# writing…"]);
    expect(draft("Once upon", [], true)).toEqual(["**MemGPT_coder**\nOnce upon\n-# writing…"]);
  });

  it("is nothing before there is a word to see", () => {
    expect(draft(" \n\u200b", ["Thinking."])).toEqual([]);
  });

  it("closes a code fence that is still open, so that the mark is no code", () => {
    expect(draft("Look:\n```ts\nconst a")).toEqual(["Look:\n```ts\nconst a\n```\n-# writing…"]);
  });

  it("goes on in further messages, of which only the last is marked and none is too long", () => {
    const text = `${"word ".repeat(500)}\n\`\`\`py\n${"x = 1\n".repeat(400)}`;
    for (const bot of [false, true]) {
      for (let length = 1; length <= text.length; length += 7) {
        const contents = draft(text.slice(0, length), ["Thinking."], bot);
        for (const [i, content] of contents.entries()) {
          expect(content.length).toBeLessThanOrEqual(2000);
          expect((content.match(/```/g) ?? []).length % 2).toBe(0);
          expect(isUnfinished(content)).toBe(i === contents.length - 1);
        }
      }
      expect(draft(text, [], bot).length).toBeGreaterThan(2);
    }
  });

  it("stands still after four messages: such an answer ends as a file", () => {
    const text = "word ".repeat(2_000);
    expect(draft(text)).toHaveLength(4);
    expect(draft(`${text}${text}`)).toEqual(draft(text));
  });
});
