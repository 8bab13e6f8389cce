import { afterEach, describe, expect, it } from "vitest";
import type { FakeChannel } from "../fakes/discord/fake-channel.ts";
import type { FaultKind } from "../fakes/discord/faults.ts";
import { BotProcess } from "./bot-process.ts";
import { closeHouses, House, PLAIN_KEY, withoutGrey } from "./house.ts";
import {
  AGENTS,
  answered,
  answersSince,
  channelFor,
  killAt,
  type Mode,
  POSTS,
  speakerOf,
} from "./kills.ts";
import { isMemgpt, requestsWith, say } from "./model-scripts.ts";

afterEach(closeHouses);

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
  const channel = channelFor(house, mode);
  await BotProcess.open(house);
  await house.wake(channel);
  return { house, channel };
}

/** What people see of the talk, without names and grey lines. */
function visibleTalk(channel: FakeChannel): string[] {
  return channel.messages
    .filter((message) => !message.fromBot || speakerOf(message) !== undefined)
    .map((message) => withoutGrey(message.content).replace(/^\*\*.*\*\*\n/, ""));
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
