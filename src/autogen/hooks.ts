/**
 * AutoGen's hooks: what an agent hears or says may be changed on its way, for one reply or one
 * message, never in the threads of others.
 */
import type { ConversableAgent } from "./conversable-agent.ts";
import { AutogenError } from "./errors.ts";
import type { AgentMessage, MessageInput } from "./message.ts";

export interface Hooks {
  /** The newest message's text, before a reply; what it returns is seen for this reply only. */
  process_last_received_message: (content: string) => string | Promise<string>;
  /** All messages of the thread, before a reply. A list of their own may be returned. */
  process_all_messages_before_reply: (
    messages: readonly AgentMessage[],
  ) => readonly AgentMessage[] | Promise<readonly AgentMessage[]>;
  /** What is about to be said; what it returns is said, kept and heard instead. */
  process_message_before_send: (
    sender: ConversableAgent,
    message: MessageInput,
    recipient: ConversableAgent,
    silent: boolean,
  ) => MessageInput | Promise<MessageInput>;
}

export type HookName = keyof Hooks;

const NAMES: ReadonlySet<string> = new Set<HookName>([
  "process_last_received_message",
  "process_all_messages_before_reply",
  "process_message_before_send",
]);

export class HookLists {
  readonly #lists: { [K in HookName]: Hooks[K][] } = {
    process_last_received_message: [],
    process_all_messages_before_reply: [],
    process_message_before_send: [],
  };

  /** Throws `invalid_option` for an unknown name and for a hook that is there already. */
  add<K extends HookName>(name: K, hook: Hooks[K]): void {
    if (!NAMES.has(name)) {
      throw new AutogenError("invalid_option", `${name} is not a hookable method`, {
        next: `Use one of ${[...NAMES].join(", ")}.`,
      });
    }
    const list: Hooks[K][] = this.#lists[name];
    if (list.includes(hook)) {
      throw new AutogenError("invalid_option", `The hook is already registered for ${name}`);
    }
    list.push(hook);
  }

  /** The same array where no hook changes anything, so that a live thread stays one. */
  async beforeReply(messages: readonly AgentMessage[]): Promise<readonly AgentMessage[]> {
    let seen = messages;
    for (const hook of this.#lists.process_all_messages_before_reply) seen = await hook(seen);
    return this.#withLast(seen);
  }

  /** Undefined where there is no hook, so that sending stays synchronous. */
  beforeSend(
    sender: ConversableAgent,
    message: MessageInput,
    recipient: ConversableAgent,
    silent: boolean,
  ): Promise<MessageInput> | undefined {
    const hooks = this.#lists.process_message_before_send;
    if (hooks.length === 0) return undefined;
    return (async () => {
      let said = message;
      for (const hook of hooks) said = await hook(sender, said, recipient, silent);
      return said;
    })();
  }

  async #withLast(messages: readonly AgentMessage[]): Promise<readonly AgentMessage[]> {
    const hooks = this.#lists.process_last_received_message;
    const last = messages.at(-1);
    // As in the original: a call has no text, and "exit" is the people's own word.
    const exempt = !last?.content || last.function_call || last.context || last.content === "exit";
    if (hooks.length === 0 || !last || exempt) return messages;
    let text = last.content ?? "";
    for (const hook of hooks) text = await hook(text);
    return text === last.content
      ? messages
      : [...messages.slice(0, -1), { ...last, content: text }];
  }
}
