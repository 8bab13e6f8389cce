import { afterEach, describe, expect, it } from "vitest";
import type { FakeMessage } from "../fakes/discord/records.ts";
import { closeHouses, House, withoutGrey } from "./house.ts";
import { InProcessBot } from "./in-process.ts";
import { isMemgpt, pings, say } from "./model-scripts.ts";

afterEach(closeHouses);

const CODE = Array.from({ length: 80 }, (_, i) => `${"    ".repeat(i % 4)}line_${i} = "wörter 😀"`);
const PROSE = Array.from({ length: 40 }, (_, i) => `Sentence ${i} goes on for a while, 😀.`);
const ANSWER = [PROSE.join(" "), "```python", ...CODE, "```", PROSE.join(" ")].join("\n");

/** What MemGPT_coder posts when it answers with this text. */
async function posted(text: string): Promise<FakeMessage[]> {
  const house = await House.open({
    model: (body) => (isMemgpt(body) ? say(text) : "Manager here."),
  });
  const bot = await InProcessBot.start(house);
  await house.wake();
  await house.general.say(house.ada, "Show me all of it.");
  await bot.runsEnded(1);
  await house.fake.quiet(200);
  expect(pings(house)).toEqual([]);
  return house.general.botMessages.filter((m) => m.author.name === "MemGPT_coder");
}

describe("a long answer", () => {
  it("of 6,000 characters comes in pieces that break no code fence, line or character", async () => {
    expect(ANSWER.length).toBeGreaterThan(5_000);
    const pieces = await posted(ANSWER);
    expect(pieces.length).toBeGreaterThanOrEqual(3);
    expect(pieces.length).toBeLessThanOrEqual(4);
    for (const { content } of pieces) {
      expect(content.length).toBeLessThanOrEqual(2_000);
      expect((content.match(/^```/gm) ?? []).length % 2).toBe(0);
      expect(content).not.toMatch(/\p{Cs}/u);
    }
    const lines = pieces.flatMap(({ content }) => withoutGrey(content).split("\n"));
    expect(lines.filter((line) => line.includes("line_"))).toEqual(CODE);
    const words = (text: string): string[] => text.match(/Sentence \d+/g) ?? [];
    expect(words(lines.join("\n"))).toEqual(words(ANSWER));
  });

  it("of more than four pieces comes as a file with all of it", async () => {
    const text = [ANSWER, ANSWER].join("\n\n");
    const [message, ...more] = await posted(text);
    expect(more).toEqual([]);
    expect(message?.attachments.map((file) => file.name)).toEqual(["MemGPT_coder.md"]);
    expect(Buffer.from(message?.attachments[0]?.bytes ?? []).toString("utf8")).toBe(text);
    expect(message?.content).toContain("characters, is in the file.");
  });
});
