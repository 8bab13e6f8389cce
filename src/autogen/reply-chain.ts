/**
 * The reply functions of one agent in the order they are tried, each with the senders it serves.
 */
import type { ConversableAgent } from "./conversable-agent.ts";
import type { RegisteredReply, RegisterOptions, ReplyFunction, Trigger } from "./reply.ts";
import { checkTrigger, matchesTrigger } from "./trigger.ts";

export class ReplyChain {
  readonly #replies: RegisteredReply[] = [];

  register(trigger: Trigger, reply: ReplyFunction, options: RegisterOptions): void {
    checkTrigger(trigger);
    if (options.remove_other_reply_funcs) this.#replies.length = 0;
    const config = copyOf(options.config);
    this.#replies.splice(options.position ?? 0, 0, { trigger, reply, config, options });
  }

  resetConfigs(): void {
    for (const entry of this.#replies) {
      const { config, reset_config } = entry.options;
      if (reset_config) reset_config(entry.config);
      else entry.config = copyOf(config);
    }
  }

  replace(old: ReplyFunction, replacement: ReplyFunction): void {
    for (const entry of this.#replies) if (entry.reply === old) entry.reply = replacement;
  }

  /** Place behind `reply`; 0 where it is not registered. */
  placeAfter(reply: ReplyFunction): number {
    return this.#replies.findIndex((entry) => entry.reply === reply) + 1;
  }

  /** A copy: what is registered meanwhile waits for the next reply. */
  serving(
    sender: ConversableAgent | undefined,
    exclude: readonly ReplyFunction[] = [],
  ): RegisteredReply[] {
    return this.#replies.filter(
      ({ trigger, reply }) => !exclude.includes(reply) && matchesTrigger(trigger, sender),
    );
  }
}

/** Plain objects and lists; anything else is the caller's own. */
function copyOf(config: unknown): unknown {
  if (Array.isArray(config)) return [...config];
  const plain = config !== null && typeof config === "object";
  return plain && Object.getPrototypeOf(config) === Object.prototype ? { ...config } : config;
}
