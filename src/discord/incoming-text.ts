/**
 * What somebody typed, as a groupchat should read it: the mention that called the bot is left out,
 * other mentions become names, custom emoji and time stamps become words. Pure.
 */

export interface MentionNames {
  /** Whether this user id is the bot, or this role id the bot's own role. */
  isBot(id: string): boolean;
  /** Names to show; undefined when unknown. */
  user(id: string): string | undefined;
  role(id: string): string | undefined;
  channel(id: string): string | undefined;
}

export interface ReadText {
  text: string;
  mentions_bot: boolean;
}

export function readText(content: string, names: MentionNames): ReadText {
  let mentions_bot = false;
  const withoutBot = content.replace(
    /([^\S\n]{0,100})<@[!&]?(\d{15,20})>[,:]?([^\S\n]*)/g,
    (whole, before: string, id: string, after: string) => {
      if (!names.isBot(id)) return whole;
      mentions_bot = true;
      return before && after ? " " : "";
    },
  );
  const text = withoutBot
    .replace(/<@!?(\d{15,20})>/g, (_, id: string) => `@${names.user(id) ?? "someone"}`)
    .replace(/<@&(\d{15,20})>/g, (_, id: string) => `@${names.role(id) ?? "a role"}`)
    .replace(/<#(\d{15,20})>/g, (_, id: string) => `#${names.channel(id) ?? "a channel"}`)
    .replace(/<\/([^:<>]{1,100}):\d{15,20}>/g, "/$1")
    .replace(/<a?:(\w{1,40}):\d{15,20}>/g, ":$1:")
    .replace(/<t:(-?\d{1,13})(?::[tTdDfFRsS])?>/g, (whole, seconds: string) =>
      stamp(whole, seconds),
    );
  return { text: text.trim(), mentions_bot };
}

function stamp(whole: string, seconds: string): string {
  const time = new Date(Number(seconds) * 1000);
  if (Number.isNaN(time.getTime())) return whole;
  return `${time.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
