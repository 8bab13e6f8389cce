/**
 * The words "clear history [agent] [n]" in a typed or tool reply (AutoGen's `clear_agents_history`):
 * empty one member's view, or everybody's and the log, but for the newest n lines.
 */
import type { ConversableAgent } from "./conversable-agent.ts";
import type { GroupChat } from "./group-chat.ts";
import { contentText, type MessageInput } from "./message.ts";

/** Does what the reply asks for and returns it without the command's words. */
export function obeyClearHistory(
  reply: MessageInput,
  group: GroupChat,
  manager: ConversableAgent,
  print?: (block: string) => void,
): MessageInput {
  if (!group.enable_clear_history || typeof reply === "string") return reply;
  const text = contentText(reply.content);
  if (!/clear history/i.test(text)) return reply;
  const words = text.split(/\s+/).filter((word) => word !== "");
  const at = words.findLastIndex((word) => word.toUpperCase() === "CLEAR");
  if (at < 0) return reply;
  const command = parseCommand(words.slice(at + 2, at + 4), group);
  const { agent } = command;
  // A tool result must not lose the call that it answers.
  const keep = command.keep || (reply.tool_responses ? 1 : 0);
  const whose = agent ? agent.name : "all agents";
  print?.(`Clearing history for ${whose}${keep ? ` except last ${keep} messages` : ""}.`);
  clear(group, manager, agent, keep);
  const skipped = 2 + (agent ? 1 : 0) + (command.keep === undefined ? 0 : 1);
  const content = [...words.slice(0, at), ...words.slice(at + skipped)].join(" ");
  return { ...reply, content };
}

function parseCommand(
  words: readonly string[],
  group: GroupChat,
): { agent?: ConversableAgent; keep?: number } {
  let command: { agent?: ConversableAgent; keep?: number } = {};
  for (const word of words) {
    // A full stop or comma may close the command.
    const number = /^(\d{1,6}).?$/.exec(word)?.[1];
    const agent = group.agentByName(word) ?? group.agentByName(word.slice(0, -1));
    if (number !== undefined) command = { ...command, keep: Number(number) };
    else if (agent) command = { ...command, agent };
  }
  return command;
}

function clear(
  group: GroupChat,
  manager: ConversableAgent,
  agent: ConversableAgent | undefined,
  keep: number,
): void {
  if (agent) {
    agent.clearHistory(manager, keep);
    return;
  }
  group.log.trim(keep);
  for (const member of group.agents) member.clearHistory(manager, keep);
}
