import { afterEach, describe, expect, it } from "vitest";
import type { FakeChannel } from "../fakes/discord/fake-channel.ts";
import type { FaultKind } from "../fakes/discord/faults.ts";
import type { FakeMessage } from "../fakes/discord/records.ts";
import { pause } from "../fakes/openai-faults.ts";
import { BotProcess } from "./bot-process.ts";
import { closeHouses, House, isBy, PLAIN_KEY, until, withoutGrey } from "./house.ts";
import { isMemgpt, requestsWith, say } from "./model-scripts.ts";

afterEach(closeHouses);

const AGENTS = ["Product_manager", "MemGPT_coder"];
const POSTS = { webhook: /^\/webhooks\//, plain: /^\/channels\/\d+\/messages$/ };

type Mode = keyof typeof POSTS;

/** A bot that is awake in a channel, with models whose every answer is new: a second one shows. */
async function awake(
  mode: Mode,
  delay_ms: number,
): Promise<{ house: House; channel: FakeChannel }> {
  let serial = 0;
  const house = await House.open({
    model: (body) => {
      serial += 1;
      return isMemgpt(body)
        ? { ...say(`Coder's answer ${serial}.`), delay_ms }
        : { content: `Manager's answer ${serial}.`, delay_ms };
    },
  });
  const channel =
    mode === "webhook"
      ? house.general
      : house.guild.addTextChannel({
          name: "plain",
          botPermissions: ["view_channel", "send_messages", "read_message_history"],
        });
  await BotProcess.open(house);
  await house.wake(channel);
  return { house, channel };
}

function speakerOf(message: FakeMessage): string | undefined {
  return AGENTS.find((name) => isBy(name, message) && message.content.includes("'s answer "));
}

/** Who has answered since a message, in order. */
function answersSince(channel: FakeChannel, id: string): string[] {
  return channel.messages
    .filter((message) => BigInt(message.id) > BigInt(id))
    .flatMap((message) => speakerOf(message) ?? []);
}

/** What people see of the talk, without names and grey lines. */
function visibleTalk(channel: FakeChannel): string[] {
  return channel.messages
    .filter((message) => !message.fromBot || speakerOf(message) !== undefined)
    .map((message) => withoutGrey(message.content).replace(/^\*\*.*\*\*\n/, ""));
}

async function answered(house: House, channel: FakeChannel): Promise<void> {
  const question = await channel.say(house.ada, "Well?");
  await until(() => answersSince(channel, question.id).length >= 2, "both answers", 15_000);
  await house.fake.quiet(150);
}

/** Kills the bot when `moment` has come, starts it again, and tells who has answered in the end. */
async function killAt(
  house: House,
  channel: FakeChannel,
  moment: (questionId: string) => boolean,
  delay_ms = 0,
): Promise<string[]> {
  const [bot] = house.bots.splice(0) as BotProcess[];
  const question = await channel.say(house.ada, "What now?");
  await until(() => moment(question.id), "the moment to kill");
  await pause(delay_ms);
  await bot?.kill();
  await BotProcess.open(house);
  await until(() => answersSince(channel, question.id).length >= 2, "both answers", 15_000);
  await house.fake.quiet(250);
  return answersSince(channel, question.id);
}

describe.each(["webhook", "plain"] as const)(
  "killed in the middle of a turn (%s posts)",
  (mode) => {
    it("asks the model again when it had not answered yet, and answers once", async () => {
      const { house, channel } = await awake(mode, 150);
      for (const agent of [1, 2]) {
        const asked = house.models?.requests.length ?? 0;
        const isAsked = (): boolean => (house.models?.requests.length ?? 0) >= asked + agent;
        expect(await killAt(house, channel, isAsked)).toEqual(AGENTS);
      }
    });

    it("shows each answer once when it dies before, or after, Discord has got the post", async () => {
      const { house, channel } = await awake(mode, 0);
      for (const agent of [1, 2]) {
        for (const kind of ["hang", "hang-after-store"] satisfies FaultKind[]) {
          // What is posted once only, such as why there are no webhooks, is out of the way then.
          await answered(house, channel);
          const match = { method: "POST", route: POSTS[mode] };
          const fault = house.fake.inject({ match, kind, skip: agent - 1 });
          const who = await killAt(house, channel, () => fault.hits > 0);
          expect(who, `${kind}, answer ${agent}`).toEqual(AGENTS);
        }
      }
    });

    it("shows each answer once when it dies right after a post", async () => {
      const { house, channel } = await awake(mode, 0);
      for (const posts of [1, 2]) {
        const isPosted = (id: string): boolean => answersSince(channel, id).length >= posts;
        expect(await killAt(house, channel, isPosted)).toEqual(AGENTS);
      }
    });

    it("shows each answer once whenever it dies, and the agents remember what people saw", async () => {
      const { house, channel } = await awake(mode, 15);
      for (const delay of [0, 15, 22, 30, 40, 55]) {
        const asked = house.models?.requests.length ?? 0;
        const isAsked = (): boolean => (house.models?.requests.length ?? 0) > asked;
        expect(await killAt(house, channel, isAsked, delay), `${delay} ms`).toEqual(AGENTS);
      }
      const seen = visibleTalk(channel);
      await answered(house, channel);
      const heard = requestsWith(house, PLAIN_KEY).at(-1)?.messages ?? [];
      expect(heard.slice(1).map((message) => message.content)).toEqual([...seen, "Well?"]);
    });
  },
);
