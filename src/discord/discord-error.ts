/**
 * Discord's refusals and outages as `ColloquyError`s. The library's own error objects hold the URL
 * (with webhook and interaction tokens) and the body that was sent, so they are read here, never
 * kept as `cause` and never logged: only status, Discord's code and a route without tokens remain.
 */
import { DiscordAPIError, HTTPError, RateLimitError } from "discord.js";
import { ColloquyError, type ErrorDetails, errorCode } from "../shared/errors.ts";

export type DiscordErrorCode =
  | "discord_token_invalid"
  | "discord_intent_refused"
  | "discord_forbidden"
  | "discord_parked"
  | "discord_gone"
  | "discord_webhook_gone"
  | "discord_interaction_gone"
  | "discord_full"
  | "discord_closed"
  | "discord_rate_limited"
  | "discord_refused"
  | "discord_unavailable"
  | "discord_stopped";

export interface DiscordErrorFacts {
  status?: number;
  /** Discord's own number, such as 50013. */
  api_code?: number;
  /** Method and path; tokens are replaced. */
  route?: string;
}

export class DiscordError extends ColloquyError {
  override readonly name = "DiscordError";
  declare readonly code: DiscordErrorCode;
  readonly facts: DiscordErrorFacts;

  constructor(
    code: DiscordErrorCode,
    message: string,
    details: ErrorDetails = {},
    facts: DiscordErrorFacts = {},
  ) {
    super(code, message, details);
    this.facts = facts;
  }

  /** Discord may have done what was asked although the call failed. */
  get ambiguous(): boolean {
    return this.code === "discord_unavailable";
  }
}

/** Fields for a log line about `error`: no URL, no body, no text of unknown errors. */
export function errorFields(error: unknown): Record<string, unknown> {
  if (error instanceof DiscordError) return { code: error.code, ...error.facts };
  if (error instanceof ColloquyError) return { code: error.code };
  return { error: error instanceof Error ? error.name : typeof error };
}

/** A path with webhook and interaction tokens replaced. */
export function routeWithoutTokens(route: string): string {
  return route
    .replace(/\?.*$/, "")
    .replace(/^(\/(?:webhooks|interactions)\/\d+)\/[^/]+/, "$1/:token");
}

/** What `error`, thrown by discord.js's REST client for `route`, means. */
export function toDiscordError(error: unknown, route: string): DiscordError {
  if (error instanceof DiscordError) return error;
  const facts: DiscordErrorFacts = { route: routeWithoutTokens(route) };
  if (error instanceof DiscordAPIError) {
    const api_code = typeof error.code === "number" ? error.code : undefined;
    return refusal({
      ...facts,
      status: error.status,
      ...(api_code === undefined ? {} : { api_code }),
    });
  }
  if (error instanceof RateLimitError) {
    return new DiscordError(
      "discord_rate_limited",
      "Discord asks me to wait too long before I may write again.",
      { next: "Try again in a few minutes." },
      facts,
    );
  }
  if (error instanceof Error && /^Expected token to be set/.test(error.message)) {
    return tokenInvalid(facts);
  }
  if (error instanceof HTTPError) return unavailable(route, error.status);
  return unavailable(route, undefined, networkCause(error));
}

/** What the network said, by its errno alone: the text beside it may hold an address with a token. */
function networkCause(error: unknown): Error | undefined {
  const found = errnoOf(error) ?? errnoOf((error as { cause?: unknown } | undefined)?.cause);
  return found === undefined
    ? undefined
    : Object.assign(new Error("no connection"), { code: found });
}

function errnoOf(error: unknown): string | undefined {
  const code = error instanceof Error ? errorCode(error) : "";
  return /^(?:E[A-Z0-9]{3,}|UND_ERR_[A-Z_]+|[A-Z_]*CERT[A-Z_]*)$/.test(code) ? code : undefined;
}

/** Nobody knows whether Discord did what was asked. */
export function unavailable(route: string, status?: number, cause?: Error): DiscordError {
  return new DiscordError(
    "discord_unavailable",
    "Discord did not answer properly.",
    { why: "It is down, overloaded or out of reach.", next: "Try again in a moment.", cause },
    { route: routeWithoutTokens(route), ...(status === undefined ? {} : { status }) },
  );
}

export function tokenInvalid(facts: DiscordErrorFacts = {}): DiscordError {
  return new DiscordError(
    "discord_token_invalid",
    "Discord refused the bot's token.",
    {
      why: "It is wrong, or it was reset.",
      next: "In the Discord developer portal open your application, Bot, Reset Token, and put the new token into DISCORD_TOKEN.",
    },
    facts,
  );
}

/** Discord's codes that mean more to us than "refused". */
const MEANINGS: ReadonlyMap<number, (facts: DiscordErrorFacts) => DiscordError> = new Map([
  [50001, forbidden],
  [50013, forbidden],
  [10003, (facts) => gone("The channel is gone.", facts)],
  [
    50007,
    (facts) =>
      new DiscordError(
        "discord_forbidden",
        "This person takes no messages from me.",
        { next: "Allow direct messages from server members in Discord, Privacy Settings." },
        facts,
      ),
  ],
  [10008, (facts) => gone("The message is gone.", facts)],
  [
    10015,
    (facts) => new DiscordError("discord_webhook_gone", "The webhook was deleted.", {}, facts),
  ],
  [10062, interactionGone],
  [50027, interactionGone],
  [
    30007,
    (facts) =>
      new DiscordError(
        "discord_full",
        "This channel has as many webhooks as Discord allows.",
        { next: "Delete one under Edit Channel, Integrations, Webhooks." },
        facts,
      ),
  ],
  [
    50083,
    (facts) =>
      new DiscordError(
        "discord_closed",
        "This thread is archived or locked.",
        { next: "Open it again to go on here." },
        facts,
      ),
  ],
]);

function refusal(facts: DiscordErrorFacts): DiscordError {
  if (facts.status === 401) {
    return facts.route?.includes(":token") ? interactionGone(facts) : tokenInvalid(facts);
  }
  const known = facts.api_code === undefined ? undefined : MEANINGS.get(facts.api_code);
  if (known) return known(facts);
  if (facts.status === 403) return forbidden(facts);
  if (facts.status === 404) return gone("Discord does not know it (any more).", facts);
  return new DiscordError("discord_refused", "Discord refused what I tried to do.", {}, facts);
}

function forbidden(facts: DiscordErrorFacts): DiscordError {
  return new DiscordError(
    "discord_forbidden",
    "Discord does not let me do this here.",
    {
      why: "I lack a permission in this channel.",
      next: "Someone who manages the server can give me View Channel, Send Messages, Read Message History, Attach Files and Manage Webhooks.",
    },
    facts,
  );
}

function gone(message: string, facts: DiscordErrorFacts): DiscordError {
  return new DiscordError("discord_gone", message, {}, facts);
}

function interactionGone(facts: DiscordErrorFacts): DiscordError {
  return new DiscordError(
    "discord_interaction_gone",
    "Discord has closed this command.",
    { why: "A command may be answered for 15 minutes.", next: "Call it again." },
    facts,
  );
}
