/**
 * For tests that kill the bot in the middle of a turn: the two ways in which agents speak, who has
 * answered, and the kill with the start after it. Answers are to contain "'s answer ".
 */
import type { FakeChannel } from "../fakes/discord/fake-channel.ts";
import type { FakeMessage } from "../fakes/discord/records.ts";
import { pause } from "../fakes/openai-faults.ts";
import { BotProcess } from "./bot-process.ts";
import { type House, isBy, until } from "./house.ts";

export const AGENTS = ["Product_manager", "MemGPT_coder"];

/** Where posts go. */
export const POSTS = { webhook: /^\/webhooks\//, plain: /^\/channels\/\d+\/messages$/ };

export type Mode = keyof typeof POSTS;

/** The channel in which agents speak so. */
export function channelFor(house: House, mode: Mode): FakeChannel {
  if (mode === "webhook") return house.general;
  return house.guild.addTextChannel({
    name: "plain",
    botPermissions: ["view_channel", "send_messages", "read_message_history"],
  });
}

export function speakerOf(message: FakeMessage): string | undefined {
  return AGENTS.find((name) => isBy(name, message) && message.content.includes("'s answer "));
}

/** Who has answered since a message, in order. */
export function answersSince(channel: FakeChannel, id: string): string[] {
  return channel.messages
    .filter((message) => BigInt(message.id) > BigInt(id))
    .flatMap((message) => speakerOf(message) ?? []);
}

export async function answered(house: House, channel: FakeChannel): Promise<void> {
  const question = await channel.say(house.ada, "Well?");
  await until(() => answersSince(channel, question.id).length >= 2, "both answers", 15_000);
  await house.fake.quiet(150);
}

/** Kills the bot when `moment` has come, starts it again, and tells who has answered in the end. */
export async function killAt(
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
