/**
 * How a line reaches a group: into the log, and silently into every member's thread with the manager,
 * under its speaker's true name. A member who was away catches up from the log when seated again.
 */
import { introductions } from "./auto-selection.ts";
import { formatMessage } from "./console-form.ts";
import type { ConversableAgent } from "./conversable-agent.ts";
import type { GroupChat } from "./group-chat.ts";
import {
  type AgentMessage,
  contentText,
  hasCalls,
  heardLine,
  type MessageFields,
  type MessageInput,
  ownLine,
} from "./message.ts";
import type { ChatFlow } from "./reply.ts";
import { UserProxyAgent } from "./user-proxy-agent.ts";

export class GroupBroadcast {
  readonly #manager: ConversableAgent;
  readonly #group: GroupChat;
  #present: ReadonlySet<ConversableAgent>;
  /** Where the log stood when a member left. */
  readonly #leftAt = new Map<ConversableAgent, number>();

  constructor(manager: ConversableAgent, group: GroupChat) {
    this.#manager = manager;
    this.#group = group;
    this.#present = new Set(group.agents);
  }

  /** Who speaks for the people, where somebody does. */
  get people(): ConversableAgent | undefined {
    return this.#group.agents.find((member) => member instanceof UserProxyAgent);
  }

  /** The member of that name, or the agent itself. */
  agent(speaker: ConversableAgent | string | undefined): ConversableAgent | undefined {
    return typeof speaker === "string" ? this.#group.agentByName(speaker) : speaker;
  }

  /** The line under its speaker's true name; only people may go by a name of their own. */
  line(message: MessageInput, speaker: ConversableAgent | string | undefined): AgentMessage {
    const fields: MessageFields = typeof message === "string" ? { content: message } : message;
    const agent = this.agent(speaker);
    const name = agent?.name ?? (typeof speaker === "string" ? speaker : this.#manager.name);
    const free = agent === undefined || agent instanceof UserProxyAgent;
    const taken = fields.name !== undefined && this.#group.agentByName(fields.name) !== undefined;
    const keeps = fields.role === "function" || (free && !taken);
    // As in 0.2.40 a call's missing text is "" in the log and in all views.
    const content = hasCalls(fields) ? { content: contentText(fields.content) } : {};
    return heardLine({ ...fields, ...content, name: (keeps && fields.name) || name }, name);
  }

  /** The speaker says it to the manager, who passes it on; all of it in one synchronous go. */
  record(
    line: AgentMessage,
    speaker: ConversableAgent | string,
    { print }: ChatFlow,
  ): Promise<unknown> {
    if (typeof speaker === "string") {
      print?.(formatMessage(speaker, this.#manager.name, line));
      return this.deliver(line, undefined, () => {});
    }
    const printing = print ? { print } : {};
    return this.deliver(line, speaker, () => {
      speaker.threadWith(this.#manager).append(ownLine(line));
      return this.#manager.receive(line, speaker, { request_reply: false, ...printing });
    });
  }

  /**
   * Threads begin where the log stands, so that their positions are the log's. All appends happen before
   * the first await: a line that comes meanwhile has one place in every view.
   */
  deliver(
    line: AgentMessage,
    speaker: ConversableAgent | undefined,
    own: () => Promise<void> | void,
  ): Promise<unknown> {
    const { agents, log } = this.#group;
    this.#catchUp();
    for (const member of agents) member.threadWith(this.#manager, log.end);
    const said = own();
    log.append(line);
    const heard = agents
      .filter((member) => member !== speaker)
      .map((member) => member.receive(line, this.#manager, { request_reply: false, silent: true }));
    return Promise.all([said, ...heard]);
  }

  /** Tells all members who is there, outside the log. */
  async introduce(): Promise<void> {
    this.#catchUp();
    const content = introductions(this.#group.agents);
    for (const member of this.#group.agents) {
      await member.receive(content, this.#manager, { request_reply: false, silent: true });
    }
  }

  /** After views were rebuilt from the log, nobody has missed anything. */
  rebuilt(): void {
    this.#present = new Set(this.#group.agents);
    this.#leftAt.clear();
  }

  /** A thread's positions stay the log's, so cursors into it (a MemGPT agent's) stay right. */
  #catchUp(): void {
    const { agents, log } = this.#group;
    const members = new Set(agents);
    for (const member of this.#present) {
      if (!members.has(member)) this.#leftAt.set(member, log.end);
    }
    for (const member of agents) {
      const from = this.#leftAt.get(member);
      if (from === undefined) continue;
      this.#leftAt.delete(member);
      const thread = member.threadWith(this.#manager, log.end);
      // What the log has let go of meanwhile leaves a gap that no thread can have.
      if (log.offset > from) thread.restart(thread.end + log.offset - from);
      for (const missed of log.from(from)) thread.append(missed);
    }
    this.#present = members;
  }
}
