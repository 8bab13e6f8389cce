/**
 * A MemGPT agent at an AutoGen table (MemGPT 0.3.5 `autogen/memgpt_agent.py`): hears each new line once,
 * under its speaker's name, and never its own replies again; answers with what it passed to
 * `send_message`. Its thoughts and traces stay its own unless `share_with_agents` says otherwise.
 */
import type { AttachedSource, MemgptAgent } from "../memgpt/agent.ts";
import type { IncomingLine } from "../memgpt/runtime.ts";
import type { Clock } from "../shared/clock.ts";
import type { AgentEvent } from "../shared/events.ts";
import type { ConversableAgentOptions } from "./agent-options.ts";
import { formatTrace } from "./console-form.ts";
import { ConversableAgent } from "./conversable-agent.ts";
import { type AgentMessage, calledFunctions } from "./message.ts";
import type { ReplyContext, ReplyResult } from "./reply.ts";
import { humanReply } from "./reply-functions.ts";

export interface InterfaceKwargs {
  /** Shows everything, whatever the other switches say. Default false. */
  debug?: boolean;
  /** Passes inner thoughts on as events. Default true. */
  show_inner_thoughts?: boolean;
  /** Passes function calls and results on as events. Default false. */
  show_function_outputs?: boolean;
  /** Prints the lines that the agent is given. Default false. */
  show_user_message?: boolean;
  /** Symbols instead of bracketed words in the console form. Default true. */
  fancy?: boolean;
  /** What is shown also becomes part of the reply, so other agents hear it. Default false. */
  share_with_agents?: boolean;
}

/** The part of `MemgptAgent` that this needs. */
export type MemgptVoice = Pick<MemgptAgent, "name" | "reply" | "save" | "attachSource">;

export interface MemgptConversableAgentOptions<A extends MemgptVoice = MemgptAgent>
  extends Pick<
    ConversableAgentOptions,
    | "description"
    | "is_termination_msg"
    | "max_consecutive_auto_reply"
    | "default_auto_reply"
    | "usage"
  > {
  agent: A;
  /** Dates lines that carry no time of their own. */
  clock: Pick<Clock, "now">;
  interface_kwargs?: InterfaceKwargs;
  /** Several new lines are given as one, each as `Name: text`. Default false: one by one. */
  concat_other_agent_messages?: boolean;
  /** Saves after each completed reply. Default false. */
  auto_save?: boolean;
  /** Done before the agent's own save, e.g. to store how it was made. */
  before_save?: () => Promise<void>;
}

/** What is said for a reply without words: empty content is refused by some backends. */
const SILENCE = "...";

export class MemgptConversableAgent<A extends MemgptVoice = MemgptAgent> extends ConversableAgent {
  readonly memgpt: A;
  /** Read at each reply, so it may be changed at any time. */
  readonly interface_kwargs: InterfaceKwargs;
  readonly concat_other_agent_messages: boolean;
  readonly auto_save: boolean;
  readonly #clock: Pick<Clock, "now">;
  readonly #beforeSave: (() => Promise<void>) | undefined;
  readonly #processed = new Map<ConversableAgent | undefined, number>();
  /** The last reply failed after its lines were heard: they still want an answer. */
  #owesReply = false;

  constructor(options: MemgptConversableAgentOptions<A>) {
    const { agent, clock, interface_kwargs, concat_other_agent_messages, auto_save } = options;
    const { description, is_termination_msg, max_consecutive_auto_reply, default_auto_reply } =
      options;
    super({
      name: agent.name,
      system_message: "",
      description: description ?? "An agent that remembers people, talks and documents for good.",
      human_input_mode: "NEVER",
      ...(options.usage ? { usage: options.usage } : {}),
      ...(is_termination_msg ? { is_termination_msg } : {}),
      ...(max_consecutive_auto_reply === undefined ? {} : { max_consecutive_auto_reply }),
      ...(default_auto_reply === undefined ? {} : { default_auto_reply }),
    });
    this.memgpt = agent;
    this.interface_kwargs = { ...interface_kwargs };
    this.concat_other_agent_messages = concat_other_agent_messages ?? false;
    this.auto_save = auto_save ?? false;
    this.#clock = clock;
    this.#beforeSave = options.before_save;
    const any = [ConversableAgent, null];
    this.registerReply(any, (_self, context) => this.#answer(context), {
      remove_other_reply_funcs: true,
      // Its memory must be whole when the run goes on without it.
      heeds_signal: true,
    });
    this.registerReply(any, humanReply);
  }

  /**
   * Position in the thread with `partner` up to which lines were given to MemGPT. In a group that is the
   * position in the whole log. To be saved together with the agent's snapshot.
   */
  processed(partner: ConversableAgent): number {
    return this.#processed.get(partner) ?? this.threadWith(partner).offset;
  }

  /** After `restore`: lines before `position` are not given again. */
  setProcessed(partner: ConversableAgent, position: number): void {
    this.#processed.set(partner, position);
  }

  /** Forgets threads, counters and cursors; its memory stays. */
  override forgetChats(): void {
    super.forgetChats();
    this.#processed.clear();
  }

  /** Stores the agent's memory; `loadAutogenMemgptAgent` finds it. A channel commits by itself. */
  async save(): Promise<void> {
    await this.#beforeSave?.();
    await this.memgpt.save();
  }

  /** Links a data source; nothing is copied, and attaching it again changes nothing. */
  attach(source: AttachedSource): void {
    this.memgpt.attachSource(source);
  }

  async #answer(context: ReplyContext): Promise<ReplyResult> {
    const { signal, stream, print } = context;
    const lines = this.#newLines(context);
    if (lines.length === 0 && !this.#owesReply) return [true, this.default_auto_reply];
    if (this.#shown("show_user_message", false)) {
      for (const line of lines) print?.(`[user message] ${line.speaker}: ${line.text}`);
    }
    const said = new SaidAloud();
    // The agent keeps the lines even when its reply fails, so they count as given from here on.
    this.#owesReply = true;
    const reply = await this.memgpt.reply(lines, {
      ...(signal ? { signal } : {}),
      ...(stream ? { stream } : {}),
      onEvent: (event) => this.#pass(event, context, said),
    });
    this.#owesReply = false;
    if (this.auto_save) await this.save();
    return [true, said.text(reply.messages) || SILENCE];
  }

  #newLines({ messages, heard: unchanged, sender }: ReplyContext): IncomingLine[] {
    const thread = sender && this.threadWith(sender);
    const live = thread?.messages === unchanged;
    const start = this.#processed.get(sender) ?? 0;
    const count = (live ? thread.from(start) : unchanged.slice(start)).length;
    this.#processed.set(sender, live ? thread.end : Math.max(start, unchanged.length));
    // Hooks may cut the beginning or change texts; what is new stands at the end all the same.
    const fresh = count === 0 ? [] : messages.slice(-count);
    const heard = fresh.filter((line) => !(line.role === "assistant" && line.name === this.name));
    const fallback = sender?.name ?? "user";
    const lines = heard.map((line) => ({
      speaker: line.name ?? fallback,
      text: lineText(line),
      created_at: line.created_at ?? this.#clock.now(),
      ...(line.person ? { person: line.person.id } : {}),
      ...(line.person?.off_record ? { off_record: true } : {}),
    }));
    const newest = lines.at(-1);
    if (!newest || !this.concat_other_agent_messages) return lines;
    const text = lines.map((line) => `${line.speaker}: ${line.text}`).join("\n");
    const off_record = lines.some((line) => line.off_record);
    const { created_at } = newest;
    return [{ speaker: fallback, text, created_at, ...(off_record ? { off_record } : {}) }];
  }

  #pass(event: AgentEvent, context: ReplyContext, said: SaidAloud): void {
    if (event.type === "function_result" && event.name === "send_message" && event.ok)
      said.message();
    if (!this.#shows(event)) return;
    context.onEvent?.(event);
    const plain = formatTrace(event);
    if (plain === undefined) return;
    if (this.interface_kwargs.share_with_agents) said.trace(plain);
    else context.print?.(formatTrace(event, this.interface_kwargs.fancy ?? true) ?? plain);
  }

  #shows(event: AgentEvent): boolean {
    switch (event.type) {
      case "inner_thoughts":
        return this.#shown("show_inner_thoughts", true);
      case "function_call":
      case "function_result":
        return this.#shown("show_function_outputs", false);
      case "text_delta":
        // Where traces stand between the words, the words alone are no beginning of the reply.
        return !this.interface_kwargs.share_with_agents;
      default:
        return true;
    }
  }

  #shown(key: keyof InterfaceKwargs, byDefault: boolean): boolean {
    return this.interface_kwargs.debug || (this.interface_kwargs[key] ?? byDefault);
  }
}

/** A reply's lines in the order in which they arose, where thoughts and traces are shared. */
class SaidAloud {
  readonly #lines: (string | null)[] = [];

  trace(line: string): void {
    this.#lines.push(line);
  }

  /** Keeps the place of the next `send_message` text. */
  message(): void {
    this.#lines.push(null);
  }

  text(messages: readonly string[]): string {
    const rest = [...messages];
    const lines = this.#lines
      .map((line) => line ?? rest.shift())
      .filter((line) => line !== undefined);
    return [...lines, ...rest].join("\n");
  }
}

function lineText(line: AgentMessage): string {
  const calls = calledFunctions(line);
  if (line.content || calls.length === 0) return line.content ?? "";
  return `[calls ${calls.join(", ")}]`;
}
