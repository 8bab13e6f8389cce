/**
 * Rebuilds what everybody in a group knows from saved log lines (AutoGen's `resume`, with own lines in
 * the assistant's role, which the original got wrong).
 */
import type { ConversableAgent } from "./conversable-agent.ts";
import type { GroupChatManager } from "./group-chat-manager.ts";
import { type AgentMessage, ownLine } from "./message.ts";

export interface RestoreOptions {
  /** Position of the first line in the whole log: how many older ones are left out. Default 0. */
  offset?: number;
}

export function rebuildViews(
  manager: GroupChatManager,
  people: ConversableAgent | undefined,
  messages: readonly AgentMessage[],
  options: RestoreOptions,
): void {
  const { offset = 0 } = options;
  const { log } = manager.groupchat;
  log.restart(offset);
  const threads = manager.members.map((member) => {
    const thread = member.threadWith(manager);
    thread.restart(offset);
    return { member, thread };
  });
  for (const message of messages) {
    const own = ownLine(message);
    const member = manager.groupchat.agentByName(message.name ?? "");
    const speaker = message.name === manager.name ? undefined : (member ?? people);
    log.append(message);
    for (const view of threads) view.thread.append(view.member === speaker ? own : message);
  }
}
