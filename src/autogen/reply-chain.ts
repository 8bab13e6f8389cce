/**
 * The reply functions of one agent in the order they are tried, each with the senders it serves.
 */
import type { ConversableAgent } from "./conversable-agent.ts";
import type { RegisteredReply, RegisterOptions, ReplyFunction, Trigger } from "./reply.ts";
import { matchesTrigger } from "./trigger.ts";

export class ReplyChain {
  readonly #replies: RegisteredReply[] = [];

  register(trigger: Trigger, reply: ReplyFunction, options: RegisterOptions): void {
    if (options.remove_other_reply_funcs) this.#replies.length = 0;
    const { position = 0, config } = options;
    this.#replies.splice(position, 0, { trigger, reply, config });
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
