/**
 * Which URLs the bot fetches: attachments on Discord's own CDN, nothing else. A decision on text; it
 * opens no connection.
 */
import { DocumentError } from "../../documents/ports.ts";

export const DISCORD_CDN_HOSTS: readonly string[] = ["cdn.discordapp.com", "media.discordapp.net"];

const ATTACHMENT_PATH = /^\/(?:ephemeral-)?attachments\/\d{1,20}\/\d{1,20}\/[^/]+$/;

export interface UrlRules {
  /** Exact host names, reached by https on the default port. */
  hosts: readonly string[];
  /** Origins such as "http://127.0.0.1:8080" that a test serves attachments from. Default none. */
  extra_origins?: readonly string[];
}

/** The parsed URL if it may be fetched; otherwise throws `file_forbidden`. */
export function allowedUrl(text: string, rules: UrlRules): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const hostAllowed =
    url !== undefined &&
    url.username === "" &&
    url.password === "" &&
    (rules.extra_origins?.includes(url.origin) ||
      (url.protocol === "https:" && url.port === "" && rules.hosts.includes(url.hostname)));
  // An escaped slash or backslash might end the path's last part early on the other side.
  const pathAllowed =
    url !== undefined && ATTACHMENT_PATH.test(url.pathname) && !/%(?:2f|5c|00)/i.test(url.pathname);
  if (url && hostAllowed && pathAllowed) return url;
  throw new DocumentError("file_forbidden", "This file is not fetched from where it is.", {
    why: "Only files attached on Discord are fetched.",
    next: "Download it yourself, and attach it to a message.",
  });
}

/** Whether a signed attachment URL had run out at `now` (milliseconds since the epoch). */
export function hasExpired(url: URL, now: number): boolean {
  const ex = url.searchParams.get("ex") ?? "";
  return /^[0-9a-f]{1,12}$/i.test(ex) && Number.parseInt(ex, 16) * 1000 < now;
}
