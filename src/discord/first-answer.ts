/**
 * The first answer to an interaction, which Discord waits three seconds for, and what only the caller
 * is to see.
 */
import { InteractionResponseType } from "discord.js";
import { type DiscordApi, type InteractionKey, messageBody } from "./discord-api.ts";
import { DiscordError } from "./discord-error.ts";

type Api = Pick<DiscordApi, "respond" | "followUp">;

/** One repetition: when Discord took the first and answered badly, the second is refused. */
export async function acknowledge(
  api: Api,
  key: InteractionKey,
  type: number,
  data?: unknown,
): Promise<void> {
  try {
    await api.respond(key, type, data);
  } catch (error) {
    if (!(error instanceof DiscordError) || !error.ambiguous) throw error;
    await api.respond(key, type, data).catch((again: unknown) => {
      const isTaken = again instanceof DiscordError && again.facts.api_code === 40060;
      if (!isTaken) throw again;
    });
  }
}

/** A first answer that only the caller sees. */
export function tell(api: Api, key: InteractionKey, content: string): Promise<void> {
  const body = messageBody({ content, ephemeral: true });
  return acknowledge(api, key, InteractionResponseType.ChannelMessageWithSource, body);
}

/** A further one. */
export async function tellAlso(api: Api, key: InteractionKey, content: string): Promise<void> {
  await api.followUp(key, { content, ephemeral: true });
}

/** To who only reads: what all see is for those who may write. */
export const NO_VOICE =
  "You may not write in this channel, so you cannot do this here. Somebody who manages it can let you.";
export const NOT_HERE = "I cannot hold a groupchat here.";
