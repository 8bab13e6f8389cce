/**
 * A saved group conversation, checked and split into what is replayed and the last message, which opens
 * the next run (AutoGen's `resume`). What is handed in is never changed.
 */
import type { ConversableAgent } from "./conversable-agent.ts";
import { AutogenError } from "./errors.ts";
import type { GroupChatManager } from "./group-chat-manager.ts";
import { type AgentMessage, contentText, heardLine, type MessageFields } from "./message.ts";

export interface ResumeOptions {
  /** Taken out of the last message, so that it does not end the next run at once. */
  remove_termination_string?: string | ((content: string) => string);
  silent?: boolean;
  print?: (block: string) => void;
}

interface ResumeParts {
  lines: AgentMessage[];
  lastAgent: ConversableAgent;
  lastMessage: MessageFields;
}

/** Checks first, so that a conversation that cannot be taken up leaves everything as it was. */
export function resumeGroup(
  manager: GroupChatManager,
  given: string | readonly MessageFields[],
  options: ResumeOptions,
): ResumeParts {
  const parts = resumeParts(manager, given, options);
  for (const agent of [manager, ...manager.members]) agent.forgetChats();
  manager.restore(parts.lines);
  // Whoever is seated knows the others by now.
  manager.groupchat.send_introductions = false;
  return parts;
}

function resumeParts(
  manager: GroupChatManager,
  given: string | readonly MessageFields[],
  options: ResumeOptions,
): ResumeParts {
  const messages = typeof given === "string" ? messagesFromString(given) : given;
  const last = messages.at(-1);
  if (!last) {
    throw new AutogenError(
      "invalid_option",
      "Cannot resume group chat as no messages were provided.",
    );
  }
  for (const message of messages) checkName(manager, message);
  const name = last.name || manager.name;
  const lastMessage = { ...last, name, ...withoutTermination(last, options) };
  if (!options.silent) {
    options.print?.(
      `Prepared group chat with ${messages.length} messages, the last speaker is ${name}`,
    );
  }
  return {
    lines: messages.slice(0, -1).map((message) => heardLine(message, message.name || manager.name)),
    lastAgent: manager.groupchat.agentByName(name) ?? manager,
    lastMessage,
  };
}

/** Throws `invalid_option` for what is not a JSON list of messages. */
export function messagesFromString(text: string): MessageFields[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw notMessages(cause);
  }
  const fits =
    Array.isArray(value) &&
    value.every((one) => one !== null && typeof one === "object" && !Array.isArray(one));
  if (!fits) throw notMessages();
  return value as MessageFields[];
}

function checkName(
  { groupchat, name: own }: GroupChatManager,
  { name, role }: MessageFields,
): void {
  // A legacy function result goes by the function's name.
  if (!name || role === "function" || name === own || name === groupchat.admin_name) return;
  if (groupchat.agentByName(name)) return;
  throw new AutogenError(
    "unknown_agent",
    `Agent name in message doesn't exist as agent in group chat: ${name}`,
    { next: "Seat an agent of that name, or leave its messages out." },
  );
}

function withoutTermination(
  { content }: MessageFields,
  { remove_termination_string: remove }: ResumeOptions,
): { content?: string } {
  if (remove === undefined || content === undefined || content === null) return {};
  const text = contentText(content);
  return { content: typeof remove === "string" ? text.replaceAll(remove, "") : remove(text) };
}

function notMessages(cause?: unknown): AutogenError {
  return new AutogenError("invalid_option", "The saved messages are not a JSON list of messages", {
    next: "Give what messagesToString gave, or the messages themselves.",
    ...(cause === undefined ? {} : { cause }),
  });
}
