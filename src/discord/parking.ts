/**
 * Channels where the bot may not write are left alone: refused requests count towards a ban by Discord
 * of the whole bot. What the client knows of permissions is looked at first; where it knows nothing,
 * the first refusal counts for an hour, or until the permissions change.
 */
import type { Clock } from "../shared/clock.ts";
import type { Logger } from "../shared/logger.ts";
import { DiscordError, errorFields } from "./discord-error.ts";

const PARKED_MS = 3_600_000;
/** No access, no permission, a person who takes no messages, no such channel. */
const REFUSALS: ReadonlySet<number | undefined> = new Set([50001, 50013, 50007, 10003]);

/** What the client knows of the bot in a channel. */
export interface KnownPermissions {
  may_write: boolean;
  /** A thread that only moderators may write in. */
  locked: boolean;
  /** Names of the permissions that the bot needs and lacks there. */
  missing: readonly string[];
  bits: bigint;
}

export interface ParkingOptions {
  /** Undefined when nothing is known. */
  permissions: (channel: string) => KnownPermissions | undefined;
  clock: Clock;
  logger: Logger;
}

interface Refusal {
  until: number;
  /** Permissions that did not help. */
  bits: bigint | undefined;
}

export class Parking {
  readonly #options: ParkingOptions;
  readonly #refusals = new Map<string, Refusal>();
  /** Channels that were logged, until something could be written there again. */
  readonly #logged = new Set<string>();

  constructor(options: ParkingOptions) {
    this.#options = options;
  }

  /** Why nothing is written in the channel for now; undefined where it may be tried. */
  of(channel: string): DiscordError | undefined {
    const { clock, permissions } = this.#options;
    const known = permissions(channel);
    if (known && !known.may_write) {
      this.#logOnce(channel, { locked: known.locked, missing: known.missing.join(", ") });
      return known.locked ? closed() : parked(known.missing);
    }
    const refusal = this.#refusals.get(channel);
    if (!refusal) return undefined;
    if (clock.monotonic() < refusal.until && known?.bits === refusal.bits) {
      return parked(known?.missing);
    }
    this.#refusals.delete(channel);
    return undefined;
  }

  /** Whether the bot is known to lack a permission there, by its name. */
  lacks(channel: string, permission: string): boolean {
    return this.#options.permissions(channel)?.missing.includes(permission) ?? false;
  }

  /** Writes in the channel, unless it is parked: then it fails without a request. */
  async guard<T>(channel: string, write: () => Promise<T>): Promise<T> {
    const reason = this.of(channel);
    if (reason) throw reason;
    try {
      const result = await write();
      this.#logged.delete(channel);
      return result;
    } catch (error) {
      if (error instanceof DiscordError && REFUSALS.has(error.facts.api_code)) {
        this.#park(channel, error);
      }
      throw error;
    }
  }

  #park(channel: string, error: DiscordError): void {
    const { clock, permissions } = this.#options;
    const until = clock.monotonic() + PARKED_MS;
    this.#refusals.set(channel, { until, bits: permissions(channel)?.bits });
    this.#logOnce(channel, errorFields(error));
  }

  #logOnce(channel: string, fields: Record<string, unknown>): void {
    if (this.#logged.has(channel)) return;
    this.#logged.add(channel);
    this.#options.logger.warn("a channel is left alone: the bot may not write there", {
      channel,
      ...fields,
    });
  }
}

function closed(): DiscordError {
  return new DiscordError("discord_parked", "I may not write in this thread.", {
    why: "It is locked.",
    next: "Somebody who manages threads can unlock it.",
  });
}

/** Where nothing is known to be missing, what is needed to write is named. */
function parked(missing: readonly string[] = []): DiscordError {
  const names = missing.length > 0 ? missing : ["View Channels", "Send Messages"];
  const list = new Intl.ListFormat("en-GB").format(names);
  return new DiscordError("discord_parked", "I may not write in this channel.", {
    ...(missing.length > 0 ? { why: `I lack ${list} here.` } : {}),
    next: `Someone who manages the server can give me ${missing.length > 0 ? "that" : list} here.`,
  });
}
