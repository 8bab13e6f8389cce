import { afterEach, describe, expect, it } from "vitest";
import type { FakeChannel } from "../fakes/discord/fake-channel.ts";
import type { FaultKind } from "../fakes/discord/faults.ts";
import type { FakeAnswer } from "../fakes/openai-answers.ts";
import { BotProcess } from "./bot-process.ts";
import { closeHouses, House, MEMGPT_KEY, PLAIN_KEY, until, withoutGrey } from "./house.ts";
import { InProcessBot } from "./in-process.ts";
import { AGENTS, channelFor, killAt, type Mode } from "./kills.ts";
import { isMemgpt, pings, requestsWith, say } from "./model-scripts.ts";

afterEach(closeHouses);

const MARK = "-# writing…";
const EDIT = { method: "PATCH", route: /\/messages\/\d+$/ };
const WORDS = "it goes on for a while, word by word, as models write, until it is done.";

/** As a model of some size does: the answer takes about two seconds, or as long as is said. */
function slowly(answer: FakeAnswer, seconds = 2): FakeAnswer {
  const letters = (answer.content ?? "") + JSON.stringify(answer.calls ?? []);
  return { ...answer, piece: 6, piece_delay_ms: Math.floor((6_000 * seconds) / letters.length) };
}

/** All that the bot ever showed in messages that stand now, without grey lines. */
function everShown(channel: FakeChannel, agent: string): string[] {
  return channel.botMessages
    .filter(({ author }) => author.name === agent)
    .flatMap(({ firstContent, edits }) => [firstContent, ...edits]);
}

const unfinished = (channel: FakeChannel): string[] =>
  channel.botMessages.map(({ content }) => content).filter((content) => content.includes(MARK));

describe("answers on Discord while models write them", () => {
  it("appear and grow, of both kinds of agents, and end as they were given, once, pinging nobody", async () => {
    const plan = `The plan for @everyone: ${WORDS}`;
    const tips = `My tips, <@1>: ${WORDS}`;
    let slow = false;
    const house = await House.open({
      model: (body) => {
        const answer = isMemgpt(body) ? say(tips, "Short.") : { content: plan };
        return slow ? slowly(answer, 5) : answer;
      },
    });
    const bot = await InProcessBot.start(house);
    await house.wake();
    // A MemGPT agent's very first answer is verified before anybody sees it.
    await house.ask("Hello");
    await bot.runsEnded(1);
    slow = true;
    const before = house.general.botMessages.length;
    await house.general.say(house.ada, "Well?");
    await bot.runsEnded(2);
    await house.fake.quiet(200);
    const [first, second, ...more] = house.general.botMessages.slice(before);
    expect(more).toEqual([]);
    for (const [message, text] of [
      [first, plan],
      [second, tips],
    ] as const) {
      const shown = [message?.firstContent ?? "", ...(message?.edits ?? [])];
      expect(withoutGrey(message?.content ?? "")).toBe(text);
      expect(message?.content).not.toContain(MARK);
      expect(shown.length).toBeGreaterThan(2);
      for (const half of shown.slice(0, -1)) {
        expect(half).toContain(MARK);
        expect(text.startsWith(withoutGrey(half).trimEnd())).toBe(true);
      }
    }
    expect(requestsWith(house, PLAIN_KEY).map(({ stream }) => stream)).toEqual([true, true]);
    expect(requestsWith(house, MEMGPT_KEY).at(0)?.stream).not.toBe(true);
    expect(requestsWith(house, MEMGPT_KEY).at(-1)?.stream).toBe(true);
    expect(pings(house)).toEqual([]);
    expect(house.fake.refusals).toEqual([]);
  });

  it("are taken back when somebody writes STOP, and no agent thinks that it said them", async () => {
    const house = await House.open({
      model: (body) => slowly(isMemgpt(body) ? say("Tips.") : { content: WORDS }, 6),
    });
    const bot = await InProcessBot.start(house);
    await house.wake();
    await house.general.say(house.ada, "Well?");
    await until(() => unfinished(house.general).length === 1, "the half answer");
    await house.general.say(house.ada, "STOP");
    await bot.runsEnded(1);
    await house.fake.quiet(200);
    expect(unfinished(house.general)).toEqual([]);
    expect(everShown(house.general, "Product_manager")).toEqual([]);
    expect(house.general.botMessages.at(-1)?.content).toMatch(/^Stopped/);
    void house.general.say(house.ada, "What did you say?");
    await until(() => requestsWith(house, PLAIN_KEY).length === 2, "the next question");
    const heard = JSON.stringify(requestsWith(house, PLAIN_KEY).at(-1));
    expect(heard).not.toContain("it goes on for");
  });

  it("come whole where the channel, or the configuration, wants it so", async () => {
    const house = await House.open({
      config: { streaming: false },
      model: (body) => slowly(isMemgpt(body) ? say(WORDS) : { content: WORDS }),
    });
    const bot = await InProcessBot.start(house);
    await house.wake();
    await house.general.say(house.ada, "Well?");
    await bot.runsEnded(1);
    expect(everShown(house.general, "Product_manager")).toEqual([WORDS]);
    const call = await house.general.slash(house.boss, "streaming", { subcommand: "show" });
    expect(await call.answer()).toContain("answers in the making are shown here");
    await house.general.say(house.ada, "And now?");
    await bot.runsEnded(2);
    const shown = everShown(house.general, "Product_manager");
    expect(shown.length).toBeGreaterThan(2);
    expect(shown.at(-1)).toBe(WORDS);
  });
});

/** A bot that is awake in a channel, with slow models whose every answer is new: a second one shows. */
async function awake(mode: Mode): Promise<{ house: House; channel: FakeChannel }> {
  let serial = 0;
  const house = await House.open({
    model: (body) => {
      serial += 1;
      const text = isMemgpt(body) ? `Coder's answer ${serial}` : `Manager's answer ${serial}`;
      const whole = `${text}: ${WORDS}`;
      return slowly(isMemgpt(body) ? say(whole, "Short.") : { content: whole }, 1.6);
    },
  });
  const channel = channelFor(house, mode);
  await BotProcess.open(house);
  await house.wake(channel);
  return { house, channel };
}

describe.each(["webhook", "plain"] as const)(
  "killed while an answer is written before people's eyes (%s posts)",
  (mode) => {
    const MAKE = {
      method: "POST",
      route: mode === "webhook" ? /^\/webhooks\// : /^\/channels\/\d+\/messages$/,
    };

    async function expectOnce(house: House, channel: FakeChannel, from: number): Promise<void> {
      await until(() => unfinished(channel).length === 0, "the last edit");
      await house.fake.quiet(200);
      const said = channel.botMessages.slice(from).map(({ content }) => withoutGrey(content));
      const answers = said.filter((text) => text.includes("'s answer "));
      expect(answers).toHaveLength(2);
      for (const text of answers) expect(text).toMatch(/answer \d+: .*until it is done\.$/);
    }

    // Six lives, each with two slow answers.
    it("shows each answer once, whole, with no half left behind, wherever it dies", {
      timeout: 240_000,
    }, async () => {
      const { house, channel } = await awake(mode);
      // Afterwards all of it is warm: the webhook is there, and what is told once is told.
      const isAsked = (): boolean => (house.models?.requests.length ?? 0) > 0;
      expect(await killAt(house, channel, isAsked), "before anything is shown").toEqual(AGENTS);
      await expectOnce(house, channel, 0);

      const faults: [match: typeof MAKE, kind: FaultKind, what: string][] = [
        [MAKE, "hang", "before its message is made"],
        [MAKE, "hang-after-store", "before its message is journaled"],
        [EDIT, "hang", "before its last edit"],
        [EDIT, "hang-after-store", "after its last edit"],
      ];
      for (const [match, kind, what] of faults) {
        const from = channel.botMessages.length;
        const fault = house.fake.inject({ match, kind });
        expect(await killAt(house, channel, () => fault.hits > 0), what).toEqual(AGENTS);
        await expectOnce(house, channel, from);
      }
      const from = channel.botMessages.length;
      const stands = (): boolean => unfinished(channel).length > 0;
      expect(await killAt(house, channel, stands, 300), "in the middle").toEqual(AGENTS);
      await expectOnce(house, channel, from);
    });
  },
);
