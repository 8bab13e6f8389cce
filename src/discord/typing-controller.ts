/**
 * "… is typing", kept alive while at least one agent of a channel is at work. Discord shows it for
 * ten seconds and has no way to end it, so it is renewed every eight and simply not renewed again;
 * and an answer that comes at once shows none, which would only linger under it.
 */
import { AbortSource } from "../shared/abort.ts";
import type { Clock } from "../shared/clock.ts";
import { DiscordError } from "./discord-error.ts";

const GRACE_MS = 250;
const RENEW_MS = 8_000;
const LONGEST_MS = 5 * 60_000;

interface Channel {
  holders: number;
  ends: number;
  stop: AbortSource;
}

export class TypingController {
  readonly #send: (channel: string) => Promise<void>;
  readonly #clock: Clock;
  readonly #channels = new Map<string, Channel>();

  /**
   * Outages of `send` are passed over: a missing indicator is no reason to stop. A refusal ends the
   * renewing, because refused requests count towards a ban by Discord.
   */
  constructor(send: (channel: string) => Promise<void>, clock: Clock) {
    this.#send = send;
    this.#clock = clock;
  }

  /** Shown until every returned function was called, and never longer than five minutes. */
  start(id: string): () => void {
    const ends = this.#clock.monotonic() + LONGEST_MS;
    const running = this.#channels.get(id);
    const channel = running ?? { holders: 0, ends, stop: new AbortSource() };
    channel.holders += 1;
    channel.ends = ends;
    if (!running) {
      this.#channels.set(id, channel);
      void this.#keepAlive(id, channel);
    }
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      channel.holders -= 1;
      if (channel.holders === 0) this.#end(id, channel);
    };
  }

  stopAll(): void {
    for (const [id, channel] of this.#channels) this.#end(id, channel);
  }

  #end(id: string, channel: Channel): void {
    if (this.#channels.get(id) === channel) this.#channels.delete(id);
    channel.stop.abort("done");
  }

  async #keepAlive(id: string, channel: Channel): Promise<void> {
    await this.#clock.sleep(GRACE_MS, channel.stop.signal).catch(() => undefined);
    while (!channel.stop.signal.aborted && this.#clock.monotonic() < channel.ends) {
      const isRefused = await this.#send(id).then(() => false, isRefusal);
      if (isRefused) break;
      await this.#clock.sleep(RENEW_MS, channel.stop.signal).catch(() => undefined);
    }
    this.#end(id, channel);
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof DiscordError && !error.ambiguous;
}
