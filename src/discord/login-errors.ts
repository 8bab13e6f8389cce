/**
 * Why Discord did not let the bot in, as one sentence that names the switch to turn. The codes
 * `discord_token_invalid` and `discord_intent_refused` mean that starting again cannot help: the
 * process ends with exit code 78.
 */
import { GatewayCloseCodes } from "discord.js";
import { errorCode } from "../shared/errors.ts";
import { DiscordError, toDiscordError, tokenInvalid } from "./discord-error.ts";

/** `closeCode` is the gateway's, when it closed the connection. */
export function loginError(error: unknown, closeCode: number | undefined): DiscordError {
  if (errorCode(error) === "TokenInvalid") return tokenInvalid();
  if (closeCode !== undefined) return closeCodeError(closeCode);
  return toDiscordError(error, "/gateway/bot");
}

/** For the close codes after which discord.js does not connect again. */
export function closeCodeError(code: number): DiscordError {
  switch (code) {
    case GatewayCloseCodes.AuthenticationFailed:
      return tokenInvalid();
    case GatewayCloseCodes.DisallowedIntents:
      return new DiscordError(
        "discord_intent_refused",
        "Discord refused the Message Content Intent.",
        {
          why: "It is switched off for this bot.",
          next: "In the Discord developer portal open your application, Bot, Privileged Gateway Intents, and switch on Message Content Intent; or set message_content: false to hear only mentions, direct messages and commands.",
        },
        { api_code: code },
      );
    default:
      return new DiscordError(
        "discord_refused",
        "Discord closed the connection for good.",
        { why: `Its close code is ${code}.` },
        { api_code: code },
      );
  }
}
