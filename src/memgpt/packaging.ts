/**
 * The JSON that people's lines, events and function results are wrapped in before the model sees
 * them (MemGPT 0.3.5 `system.py`), and the way back: who said what in a packaged message. Times
 * come in already formatted; text is never escaped beyond what JSON needs.
 */
import type { ChatMessage } from "./ports.ts";

/** Tells the model that an event was not written by a person. */
const NOT_A_PERSON = "[Automatic event, hidden from the people] ";

/** Protocol texts of the events that continue a chain. */
export const HEARTBEAT_REASONS = {
  default: "Automated timer",
  requested: `${NOT_A_PERSON}request_heartbeat is true: go on.`,
  failed: `${NOT_A_PERSON}Your last function call failed: read its result, correct the call or go another way.`,
  unanswered: `${NOT_A_PERSON}Your function ran, but nobody has had an answer yet. Go on, and use send_message to answer.`,
  prose: `${NOT_A_PERSON}You called no function, so nobody saw what you wrote. Call send_message with the words that you want to be read.`,
} as const;

export const PRESSURE_WARNING = `${NOT_A_PERSON}Your context window is filling up: its oldest messages will soon be replaced by a summary. If something in it must not be lost, save it now with core_memory_append, core_memory_replace or archival_memory_insert. Nobody needs to be told about this.`;

/** A speaker's name as the wire allows it: `[A-Za-z0-9_-]{1,64}`. */
export function wireName(speaker: string): string {
  const name = speaker.replace(/[^A-Za-z0-9_-]+/g, "_").slice(0, 64);
  return /[A-Za-z0-9]/.test(name) ? name : "user";
}

/**
 * A line somebody said. As MemGPT's `step` does, the name is lifted out of the JSON onto the
 * message; it stays inside as well when the wire form had to change it.
 */
export function packageUserMessage(speaker: string, message: string, time: string): ChatMessage {
  const name = wireName(speaker);
  const event = { type: "user_message", message, time };
  const content = JSON.stringify(name === speaker ? event : { ...event, name: speaker });
  return { role: "user", content, name };
}

export function packageHeartbeat(reason: string, time: string): ChatMessage {
  return { role: "user", content: JSON.stringify({ type: "heartbeat", reason, time }) };
}

export function packageLogin(time: string): ChatMessage {
  const event = { type: "login", last_login: "Never (first login)", time };
  return { role: "user", content: JSON.stringify(event) };
}

export function packageAlert(message: string, time: string): ChatMessage {
  return { role: "user", content: JSON.stringify({ type: "system_alert", message, time }) };
}

/** The summary that stands in for evicted messages; `hidden` of `total` messages are out of view. */
export function packageSummary(
  summary: { text: string; covers: number },
  hidden: number,
  total: number,
  time: string,
): ChatMessage {
  const message =
    `Note: prior messages (${hidden} of ${total}) have been hidden from view to save space; ` +
    "conversation_search still finds what was said in them. " +
    `The following is a summary of the previous ${summary.covers} messages:\n${summary.text}`;
  return packageAlert(message, time);
}

export function packageFunctionResult(
  callId: string,
  ok: boolean,
  message: string | null,
  time: string,
): ChatMessage {
  const content = JSON.stringify({ status: ok ? "OK" : "Failed", message, time });
  return { role: "tool", content, tool_call_id: callId };
}

/**
 * What the model wakes up with (MemGPT 0.3.5 `get_initial_boot_messages`, without the system
 * message): a thought with a first `send_message`, its result, and the login event. gpt-3.5 gets the
 * variant that shows it a plain question.
 */
export function bootMessages(time: string, model = ""): ChatMessage[] {
  const id = "call_boot";
  const small = /gpt-3\.?5/.test(model);
  const message = small ? "Hi, is anyone there?" : "More human than human is our motto.";
  const thought = small
    ? "Nobody has written to me yet. I call a function to send a message."
    : "I am awake and my persona is loaded. Let me try whether my voice works.";
  return [
    {
      role: "assistant",
      content: thought,
      tool_calls: [
        {
          id,
          type: "function",
          function: {
            name: "send_message",
            arguments: JSON.stringify({ message }),
          },
        },
      ],
    },
    packageFunctionResult(id, true, null, time),
    packageLogin(time),
  ];
}

export interface Said {
  role: "user" | "assistant";
  /** The person's or agent's name; absent for the agent whose message it is. */
  speaker?: string;
  text: string;
}

/** What a person or the agent said in a message; undefined for events, thoughts and results. */
export function saidIn(message: ChatMessage): Said | undefined {
  if (message.role === "user") return saidByPerson(message);
  if (message.role !== "assistant") return undefined;
  const texts = (message.tool_calls ?? []).flatMap((call) =>
    call.function.name === "send_message" ? sentText(call.function.arguments) : [],
  );
  return texts.length > 0 ? { role: "assistant", text: texts.join("\n") } : undefined;
}

function saidByPerson(message: ChatMessage): Said | undefined {
  const event = parseObject(message.content ?? "");
  if (event?.type !== "user_message" || typeof event.message !== "string") return undefined;
  const speaker = typeof event.name === "string" ? event.name : (message.name ?? "user");
  return { role: "user", speaker, text: event.message };
}

/** Only a call that `send_message` accepts has said anything. */
function sentText(json: string): string[] {
  const args = parseObject(json);
  if (!args || typeof args.message !== "string" || args.message.trim() === "") return [];
  const others = Object.keys(args).filter(
    (key) => key !== "message" && key !== "request_heartbeat",
  );
  return others.length === 0 ? [args.message] : [];
}

/** A JSON object, or undefined for anything else. */
export function parseObject(json: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
