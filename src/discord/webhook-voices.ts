/**
 * The webhook through which agents speak in a channel: one of our own per channel, found again by
 * our application's id, made when first needed. Where that cannot be, says why; asks again later.
 */

import type { Clock } from "../shared/clock.ts";
import { type ColloquyError, explainError } from "../shared/errors.ts";
import type { Logger } from "../shared/logger.ts";
import type { DiscordApi, WebhookKey } from "./discord-api.ts";
import { DiscordError, errorFields } from "./discord-error.ts";

export const WEBHOOK_NAME = "Colloquy";
/** Before a refused channel is asked again: refused requests count towards a ban by Discord. */
const ASK_AGAIN_MS = 10 * 60_000;

/** A webhook to speak through, or the sentence why there is none. */
export type VoiceOutlet = { webhook: WebhookKey } | { reason: string };

export interface WebhookVoicesOptions {
  api: Pick<DiscordApi, "webhooks" | "createWebhook">;
  applicationId: () => string;
  /** Whether the bot holds Manage Webhooks in the channel; undefined when that is not known. */
  mayManageWebhooks: (channel: string) => boolean | undefined;
  clock: Clock;
  logger: Logger;
}

export class WebhookVoices {
  readonly #options: WebhookVoicesOptions;
  readonly #found = new Map<string, Promise<VoiceOutlet>>();
  readonly #askAgainAt = new Map<string, number>();
  /** Channels in which we looked for a webhook of ours and found none. */
  readonly #without = new Set<string>();

  constructor(options: WebhookVoicesOptions) {
    this.#options = options;
  }

  /** For a text channel (of a thread: its parent). Throws only when Discord is out of reach. */
  outlet(channel: string): Promise<VoiceOutlet> {
    const again = this.#askAgainAt.get(channel);
    if (again !== undefined && this.#options.clock.monotonic() >= again) {
      this.#found.delete(channel);
      this.#askAgainAt.delete(channel);
    }
    const known = this.#found.get(channel);
    if (known) return known;
    const asking = this.#open(channel);
    this.#found.set(channel, asking);
    asking.then(
      (outlet) => {
        if ("reason" in outlet) this.#askLater(channel);
      },
      () => {
        if (this.#found.get(channel) === asking) this.#found.delete(channel);
      },
    );
    return asking;
  }

  /** Our webhook of a channel if there is one already; never makes one. */
  async existing(channel: string): Promise<WebhookKey | undefined> {
    const known = this.#found.get(channel);
    if (known === undefined) {
      if (this.#without.has(channel)) return undefined;
      if (this.#options.mayManageWebhooks(channel) === false) return undefined;
      const own = await this.#find(channel).catch((error: unknown) => {
        if (!(error instanceof DiscordError) || error.ambiguous) throw error;
        return undefined;
      });
      if (own) this.#found.set(channel, Promise.resolve({ webhook: own }));
      else this.#without.add(channel);
      return own;
    }
    const outlet = await known;
    return "webhook" in outlet ? outlet.webhook : undefined;
  }

  /** The webhook `id` was deleted: the next `outlet` makes another, unless one was made since. */
  async forget(channel: string, id: string): Promise<void> {
    const known = this.#found.get(channel);
    const outlet = await known?.catch(() => undefined);
    const isSame = outlet !== undefined && "webhook" in outlet && outlet.webhook.id === id;
    if (isSame && this.#found.get(channel) === known) this.#found.delete(channel);
  }

  /** Speaks without a webhook for a while, after two were deleted in a row. */
  refuse(channel: string, reason: string): VoiceOutlet {
    const outlet = { reason };
    this.#found.set(channel, Promise.resolve(outlet));
    this.#askLater(channel);
    return outlet;
  }

  #askLater(channel: string): void {
    this.#askAgainAt.set(channel, this.#options.clock.monotonic() + ASK_AGAIN_MS);
  }

  async #open(channel: string): Promise<VoiceOutlet> {
    const { api, mayManageWebhooks, logger } = this.#options;
    if (mayManageWebhooks(channel) === false) return { reason: NO_PERMISSION };
    try {
      const own = await this.#find(channel);
      if (own) return { webhook: own };
      const webhook = await api.createWebhook(channel, WEBHOOK_NAME);
      if (webhook.token) return { webhook: { id: webhook.id, token: webhook.token } };
      return { reason: "Discord gave me no webhook." };
    } catch (error) {
      const reason = error instanceof DiscordError ? refusalReason(error) : undefined;
      if (reason === undefined) throw error;
      logger.info("no webhook here; agents speak under the bot's name", {
        channel,
        ...errorFields(error),
      });
      return { reason };
    }
  }

  async #find(channel: string): Promise<WebhookKey | undefined> {
    const application = this.#options.applicationId();
    for (const { id, token, application_id } of await this.#options.api.webhooks(channel)) {
      if (application_id === application && token) return { id, token };
    }
    return undefined;
  }
}

const NO_PERMISSION =
  "I lack the permission Manage Webhooks. Whoever manages the server can give it to me; then agents speak under their own names.";

function refusalReason(error: ColloquyError): string | undefined {
  if (error.code === "discord_forbidden") return NO_PERMISSION;
  if (error.code === "discord_full" || error.code === "discord_refused") return explainError(error);
  return undefined;
}
