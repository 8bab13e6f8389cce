/**
 * Backends that take less than OpenAI does: one system message, user and assistant in turns, no
 * `name`, no empty content. Each rule is a setting of one model; a request is rewritten just before
 * it is sent, and who said what stays readable.
 */

export interface MessageRules {
  /** System messages at the start become one, later ones a user's. */
  one_system_message?: boolean;
  /** Neighbours of one role become one message; the first after the system message is a user's. */
  alternate_roles?: boolean;
  /** `name` is left out and stands before the text instead. */
  no_names?: boolean;
  /** Empty content is sent as "...". */
  no_empty_content?: boolean;
}

/** The part of a chat message that the rules touch. */
interface RuledMessage {
  role: "system" | "user" | "assistant" | "tool";
  content: string | null;
  name?: string;
  tool_calls?: readonly unknown[];
}

const SILENCE = "...";
const GAP = "\n\n";

export function applyMessageRules<M extends RuledMessage>(
  messages: readonly M[],
  rules: MessageRules = {},
): readonly M[] {
  let result = messages;
  if (rules.one_system_message) result = oneSystemMessage(result);
  if (rules.alternate_roles) result = inTurns(result);
  if (rules.no_names) result = result.map(withoutName);
  if (rules.no_empty_content) result = result.map(filled);
  return result;
}

function oneSystemMessage<M extends RuledMessage>(messages: readonly M[]): M[] {
  const later = messages.findIndex(({ role }) => role !== "system");
  const head = later < 0 ? messages : messages.slice(0, later);
  const [first] = head;
  const tail = messages
    .slice(head.length)
    .map((message) =>
      message.role === "system" ? { ...message, role: "user" as const } : message,
    );
  if (!first) return tail;
  return [{ ...first, content: head.map(({ content }) => content ?? "").join(GAP) }, ...tail];
}

function inTurns<M extends RuledMessage>(messages: readonly M[]): M[] {
  const result: M[] = [];
  for (const message of messages) {
    const before = result.at(-1);
    if (before && mergeable(before, message)) {
      // Two names cannot stand on one message, so they go into its text.
      const { name: _name, ...rest } = before;
      const content = [textWithName(before), textWithName(message)].join(GAP);
      result[result.length - 1] = { ...rest, content } as M;
    } else {
      result.push(message);
    }
  }
  const start = result.findIndex(({ role }) => role !== "system");
  if (result[start]?.role === "assistant") {
    result.splice(start, 0, { role: "user", content: SILENCE } as M);
  }
  return result;
}

function mergeable(a: RuledMessage, b: RuledMessage): boolean {
  if (a.role !== b.role || a.role === "tool") return false;
  return !a.tool_calls?.length && !b.tool_calls?.length;
}

/** An own line needs no name; a name that stands there already is not written twice. */
function textWithName({ role, name, content }: RuledMessage): string {
  const text = content ?? "";
  return role !== "user" || !name || text.startsWith(`${name}: `) ? text : `${name}: ${text}`;
}

function withoutName<M extends RuledMessage>(message: M): M {
  if (message.name === undefined) return message;
  const { name: _name, ...rest } = message;
  return (message.content === null ? rest : { ...rest, content: textWithName(message) }) as M;
}

function filled<M extends RuledMessage>(message: M): M {
  const empty = message.content === "" || (message.content === null && !message.tool_calls?.length);
  return empty ? { ...message, content: SILENCE } : message;
}
