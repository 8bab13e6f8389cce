import { describe, expect, it } from "vitest";
import type { Place, Surface } from "../../src/channels/ports.ts";
import { post, RecordingHost } from "../discord/recording-host.ts";
import type { FakeChannel } from "../fakes/discord/fake-channel.ts";
import {
  aBotIsLoggedIn,
  down,
  house,
  makeBot,
  openHouse,
  placeOf,
  realClock,
  said,
  textOf,
  until,
} from "./discord-house.ts";

const MARK = "\n-# writing…";
const voice = { name: "MemGPT_coder" };
const PATCH = { method: "PATCH", route: /\/messages\/\d+$/ };

interface Written {
  surface: Surface;
  /** Ids as they are journaled. */
  messages: string[];
  after: string;
}

/** Writes a text as a model does, letter by letter; all of it is there at half-time, and it is left unfinished. */
async function write(
  text: string,
  options: {
    ms?: number;
    surface?: Surface;
    after?: string;
    onMessage?: (message: string) => Promise<void>;
    during?: () => Promise<void>;
  } = {},
): Promise<Written> {
  const surface = options.surface ?? house.host.surface(placeOf(house.general));
  const after = options.after ?? (await house.general.say(house.ada, "Well?")).id;
  const messages: string[] = [];
  const draft = surface.draft({ id: "p1", voice, after }, async (message) => {
    messages.push(message);
    await options.onMessage?.(message);
  });
  const steps = Math.ceil((options.ms ?? 1_800) / 50);
  for (let step = 1; step <= steps; step += 1) {
    draft.update(text.slice(0, Math.ceil((2 * text.length * step) / steps)), []);
    await realClock.sleep(50);
    if (step === steps - 2) await options.during?.();
  }
  await draft.end();
  return { surface, messages, after };
}

async function finish(
  { surface, messages, after }: Written,
  text: string,
  fields: Partial<Parameters<typeof post>[0]> = {},
): Promise<number[]> {
  const posted: number[] = [];
  await surface.speak(post({ text, after, drafted: messages, ...fields }), async (n) => {
    posted.push(n);
  });
  return posted;
}

/** The same place in another process, after the first one has died. */
async function afterCrash(channel: FakeChannel = house.general): Promise<Surface> {
  await house.bot.stop();
  const host = new RecordingHost();
  const bot = makeBot(house.fake, { host });
  await bot.start();
  return host.surface(placeOf(channel));
}

const botTexts = (channel = house.general): string[] =>
  channel.botMessages.map(({ content }) => content);

describe("an answer that is written before people's eyes", () => {
  aBotIsLoggedIn();

  it("stands in one message that grows, says that it is not finished, and ends as the answer", async () => {
    const text = "Once upon a time there was a boat, and @everyone sailed in it.";
    const written = await write(text, { ms: 3_600 });
    const [message] = house.general.botMessages;
    expect(message?.firstContent.endsWith(MARK)).toBe(true);
    const grown = [message?.firstContent ?? "", ...(message?.edits ?? [])];
    for (const shown of grown) expect(text.startsWith(shown.replace(MARK, ""))).toBe(true);
    expect(new Set(grown).size).toBe(grown.length);
    expect(grown.length).toBeGreaterThan(1);
    expect(await finish(written, text, { traces: ["It thought."] })).toEqual([1]);
    expect(botTexts()).toEqual([`-# It thought.\n${text}`]);
    expect(written.messages).toEqual([`${message?.author.webhookId}/${message?.id}`]);
  });

  it("is not shown when it is soon done", async () => {
    const written = await write("Yes.", { ms: 500 });
    expect(written.messages).toEqual([]);
    await realClock.sleep(1_200);
    expect(botTexts()).toEqual([]);
    await finish(written, "Yes.");
    expect(said(house.general)).toEqual(["MemGPT_coder: Yes."]);
  });

  it("does not grow before its message is journaled, and no more when that fails", async () => {
    const seen: string[] = [];
    const written = await write("one two three four five six seven eight", {
      ms: 3_000,
      onMessage: async () => {
        await realClock.sleep(800);
        seen.push(...(house.general.botMessages[0]?.edits ?? []));
        throw new Error("the store failed");
      },
    });
    expect(seen).toEqual([]);
    expect(house.general.botMessages[0]?.edits).toEqual([]);
    await written.surface.retract([], written.after);
    expect(botTexts()).toEqual([]);
  });

  it("grows under the bot's name where there are no webhooks", async () => {
    const dm = house.fake.openDm(house.ada);
    const place: Place = { id: dm.id, kind: "dm", scope: dm.id, name: "direct message" };
    const surface = house.host.surface(place);
    const after = (await dm.say(house.ada, "Well?")).id;
    const text = `Long. ${"word ".repeat(450)}`.trim();
    const written = await write(text, { surface, after });
    // A full piece and the name are two messages.
    const marked = dm.botMessages.map(({ content }) => content.endsWith(MARK));
    expect(marked).toEqual([false, false, true]);
    expect(written.messages).toEqual(dm.botMessages.map(({ id }) => id));
    await finish(written, text);
    const shown = dm.botMessages.map(({ content }) => content.replace("**MemGPT_coder**\n", ""));
    expect(shown.join(" ")).toBe(text);
    expect(shown).toHaveLength(3);
  });

  it("grows in a thread", async () => {
    const thread = house.general.addThread({ name: "details" });
    const surface = house.host.surface(placeOf(thread, "thread"));
    const written = await write("In this thread, then.", { surface, after: "0" });
    await finish(written, "In this thread, then.");
    expect(said(thread)).toEqual(["MemGPT_coder: In this thread, then."]);
    const taken = await write("And this is taken back.", { surface, after: "0" });
    expect(thread.botMessages).toHaveLength(2);
    await surface.retract(taken.messages);
    expect(thread.botMessages).toHaveLength(1);
  });

  it("goes on in a second message past 2,000 characters, with no code fence broken", async () => {
    const text = `Look:\n\`\`\`ts\n${"const a = 1;\n".repeat(170)}\`\`\`\nThat is it.`;
    const written = await write(text);
    expect(written.messages).toHaveLength(2);
    for (const content of botTexts()) expect((content.match(/```/g) ?? []).length % 2).toBe(0);
    await finish(written, text);
    expect(botTexts()).toHaveLength(2);
    expect(
      botTexts()
        .join("\n")
        .match(/const a = 1;/g),
    ).toHaveLength(170);
    expect(botTexts().join("\n")).not.toContain(MARK);
  });

  it("ends as a file past four messages, which become one", async () => {
    const text = "word ".repeat(2_200).trim();
    const written = await write(text);
    expect(botTexts()).toHaveLength(4);
    await finish(written, text);
    const [message, ...more] = house.general.botMessages;
    expect(more).toEqual([]);
    expect(message?.content).toContain("is in the file");
    expect(textOf(message?.attachments[0]?.bytes ?? new Uint8Array())).toBe(text);
  });

  it("is posted anew, in order, when somebody deletes a message of it", async () => {
    const text = "word ".repeat(800).trim();
    const written = await write(text);
    const [first] = house.general.botMessages;
    if (first) house.general.deleteMessage(first);
    await finish(written, text);
    expect(botTexts().join(" ")).toBe(text);
    expect(house.general.botMessages).toHaveLength(2);
  });

  it("is posted through a new webhook when somebody deletes the old one", async () => {
    const written = await write("Half of it", {
      during: async () => house.general.deleteWebhooks(),
    });
    await finish(written, "Half of it and the rest.");
    // The half that stands belongs to nobody now: it stays, and says what it is.
    expect(said(house.general)).toEqual([
      expect.stringMatching(/^MemGPT_coder: Half.*\n-# writing…$/),
      "MemGPT_coder: Half of it and the rest.",
    ]);
  });

  it("keeps the newest words when Discord holds edits back, and then shows the answer exactly", async () => {
    const fault = house.fake.inject({ match: PATCH, kind: "429", retryAfter: 0.7, times: 2 });
    const written = await write("one two three four five six seven eight nine ten", { ms: 4_000 });
    expect(fault.hits).toBe(2);
    await finish(written, "one two three four five six seven eight nine ten");
    expect(botTexts()).toEqual(["one two three four five six seven eight nine ten"]);
  });

  it("does not repeat a failed edit while more is coming, but does repeat the last one", async () => {
    const fault = house.fake.inject({ match: PATCH, kind: "500", times: 1 });
    const written = await write("one two three four five", { ms: 2_700 });
    expect(fault.hits).toBe(1);
    expect(house.general.botMessages[0]?.edits).toEqual([]);
    house.fake.inject({ match: PATCH, kind: "500-after-store", times: 1 });
    await finish(written, "one two three four five.");
    expect(botTexts()).toEqual(["one two three four five."]);
  });

  it("is posted anew when Discord allows no more edits of so old a message", async () => {
    const written = await write("Half");
    house.fake.inject({ match: PATCH, kind: { status: 400, code: 30046 } });
    await finish(written, "Half and whole.");
    expect(said(house.general)).toEqual(["MemGPT_coder: Half and whole."]);
  });

  it.each(["500-after-store", "drop-after-store", "html-200-after-store", "500"] as const)(
    "stands once when it is open whether its message was made (%s)",
    async (kind) => {
      house.fake.inject({ match: { method: "POST", route: /^\/webhooks\// }, kind });
      const written = await write("one two three four five six", { ms: 2_200 });
      expect(written.messages).toHaveLength(kind === "500" ? 0 : 1);
      await finish(written, "one two three four five six.");
      expect(said(house.general)).toEqual(["MemGPT_coder: one two three four five six."]);
    },
  );

  it("is taken back with all its messages, and taking it back twice does no harm", async () => {
    await finish(await write("Earlier.", { ms: 100 }), "Earlier.");
    const { surface, messages } = await write("word ".repeat(800));
    expect(messages).toHaveLength(2);
    await surface.retract(messages);
    await surface.retract(messages);
    expect(said(house.general)).toEqual(["MemGPT_coder: Earlier."]);
  });

  it("is finished after a crash by editing what stands there, once and again", async () => {
    const text = "word ".repeat(900).trim();
    const written = await write(text.slice(0, 2_500));
    expect(written.messages).toHaveLength(2);
    const surface = await afterCrash();
    await finish({ ...written, surface }, text, { recovering: true });
    await finish({ ...written, surface }, text, { recovering: true });
    expect(botTexts().join(" ")).toBe(text);
    expect(house.general.botMessages.map(({ id }) => id).slice(0, 2)).toEqual(
      written.messages.map((handle) => handle.split("/")[1]),
    );
    expect(botTexts()).toHaveLength(3);
  });

  it("is finished once after a crash also where its half was deleted meanwhile", async () => {
    const written = await write("Half");
    const [half] = house.general.botMessages;
    if (half) house.general.deleteMessage(half);
    const surface = await afterCrash();
    await finish({ ...written, surface }, "Half and whole.", { recovering: true });
    await finish({ ...written, surface }, "Half and whole.", { recovering: true });
    expect(said(house.general)).toEqual(["MemGPT_coder: Half and whole."]);
  });

  it("is found by its mark after a crash that came before it was journaled, and nothing else is", async () => {
    const foreign = { name: "Stranger", text: `not ours${MARK}` };
    await finish(await write("Earlier.", { ms: 100 }), "Earlier.");
    const { after } = await write("Half");
    await house.general.say(house.ada, `mine${MARK}`);
    await house.general.webhookSays(foreign);
    const surface = await afterCrash();
    await surface.retract([], after);
    expect(house.general.messages.map(({ content }) => content)).toEqual([
      "Well?",
      "Earlier.",
      "Well?",
      `mine${MARK}`,
      foreign.text,
    ]);
  });
});

describe("writing before people's eyes under Discord's rate limits", () => {
  it("asks for nothing that Discord must hold back, for as long as it lasts", async () => {
    await openHouse({ rateLimits: true });
    await house.bot.start();
    const one = house.host.surface(placeOf(house.general));
    const written = await write("word ".repeat(1_500), { surface: one, ms: 14_000 });
    await finish(written, "word ".repeat(1_500).trim());
    await until(() => botTexts().length === 4, "the pieces");
    expect(house.fake.refusals).toEqual([]);
    const writes = house.fake.requests.filter(({ route }) => route.startsWith("/webhooks/"));
    // Some 30 in a minute are what a channel's webhook is said to allow.
    expect(writes.length).toBeLessThan(24);
    expect(house.fake.violations).toEqual([]);
    await down();
  });
});
