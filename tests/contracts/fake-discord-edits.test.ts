import { afterEach, describe, expect, test } from "vitest";
import { closeAll, codeOf, login, nobody, start, textChannel } from "./fake-discord-client.ts";

/** How strict the fake is about edits, asked by the real discord.js client. */

afterEach(closeAll);

const HOUR = 3_600_000;

async function hooked() {
  const place = await start({ now: () => Date.now() + shift });
  const client = await login(place.fake);
  const there = await textChannel(client, place.channel);
  const hook = await there.createWebhook({ name: "Colloquy" });
  return { ...place, there, hook };
}

let shift = 0;
afterEach(() => {
  shift = 0;
});

const text = (content: string) => ({ content, allowedMentions: nobody });

describe("an edit", () => {
  test("needs the webhook that made the message, and the thread that it stands in", async () => {
    const { channel, there, hook } = await hooked();
    const other = await there.createWebhook({ name: "Other" });
    const thread = channel.addThread({ name: "aside" });
    const sent = await hook.send({ ...text("one"), threadId: thread.id });
    expect(await codeOf(hook.editMessage(sent.id, text("two")))).toBe(10008);
    expect(await codeOf(other.editMessage(sent.id, { ...text("two"), threadId: thread.id }))).toBe(
      10008,
    );
    await hook.editMessage(sent.id, { ...text("two"), threadId: thread.id });
    expect(thread.messages[0]?.edits).toEqual(["two"]);
    thread.archive({ locked: true });
    const late = hook.editMessage(sent.id, { ...text("late"), threadId: thread.id });
    expect(await codeOf(late)).toBe(50083);
  });

  test("is refused for a text that is too long, empty, or of a message that is gone", async () => {
    const { channel, hook } = await hooked();
    const sent = await hook.send(text("one"));
    expect(await codeOf(hook.editMessage(sent.id, text("x".repeat(2_001))))).toBe(50035);
    expect(await codeOf(hook.editMessage(sent.id, text("")))).toBe(50006);
    const [message] = channel.messages;
    if (message) channel.deleteMessage(message);
    expect(await codeOf(hook.editMessage(sent.id, text("two")))).toBe(10008);
  });

  test("is refused after some edits of a message that is older than an hour", async () => {
    const { hook } = await hooked();
    const sent = await hook.send(text("one"));
    shift = HOUR + 1_000;
    const codes: (number | string)[] = [];
    for (let i = 0; i < 12; i += 1) {
      shift += 2_000;
      codes.push(await codeOf(hook.editMessage(sent.id, text(`${i}`))));
    }
    expect(codes.filter((code) => code === 30046).length).toBeGreaterThan(0);
    expect(codes[0]).toBe("no error");
  });

  test("breaks a rule when it would ping, or when it is one of a storm", async () => {
    const { fake, hook } = await hooked();
    const sent = await hook.send(text("one"));
    await hook.editMessage(sent.id, { content: "two", allowedMentions: { parse: ["users"] } });
    expect(fake.violations).toEqual([expect.stringContaining("allowed_mentions.parse must be []")]);
    for (let i = 0; i < 5; i += 1) await hook.editMessage(sent.id, text(`${i}`));
    expect(fake.violations.at(-1)).toContain("6 edits of one message within");
  });
});
