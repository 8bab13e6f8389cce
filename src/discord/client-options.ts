/**
 * How the discord.js client is set up: the fewest intents, and caches that do not grow with what is
 * said. Messages are not kept at all; the groupchat has its own log.
 */
import { type ClientOptions, Options, Partials } from "discord.js";
import { neededIntents } from "./invite.ts";

export function clientOptions(options: { message_content: boolean; api?: string }): ClientOptions {
  const isSelf = (item: { id: string; client: { user: { id: string } | null } }): boolean =>
    item.id === item.client.user?.id;
  return {
    intents: neededIntents(options.message_content),
    // Direct messages arrive in channels that the library has not seen before.
    partials: [Partials.Channel],
    allowedMentions: { parse: [] },
    waitGuildTimeout: 5_000,
    makeCache: Options.cacheWithLimits({
      ...Options.DefaultMakeCacheSettings,
      ApplicationCommandManager: 0,
      AutoModerationRuleManager: 0,
      BaseGuildEmojiManager: 0,
      GuildBanManager: 0,
      GuildEmojiManager: 0,
      GuildInviteManager: 0,
      // A few, so that names in the message just received can be read.
      GuildMemberManager: { maxSize: 50, keepOverLimit: isSelf },
      GuildScheduledEventManager: 0,
      GuildStickerManager: 0,
      MessageManager: 0,
      PresenceManager: 0,
      ReactionManager: 0,
      ReactionUserManager: 0,
      StageInstanceManager: 0,
      ThreadMemberManager: 0,
      UserManager: { maxSize: 200, keepOverLimit: isSelf },
      VoiceStateManager: 0,
    }),
    ...(options.api === undefined ? {} : { rest: { api: options.api } }),
  };
}
