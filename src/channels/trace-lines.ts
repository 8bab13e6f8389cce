/**
 * Inner thoughts and function traces as the lines that people see, in the wording of MemGPT's own
 * plain interface (`[inner thoughts] …`, `[function] …`, `[function - OK] …`). The channel's
 * settings decide which are kept; none of them ever reaches another agent from here.
 */
import type { AgentEvent } from "../shared/events.ts";
import type { ChannelSettings } from "./channel-state.ts";

const LONGEST_LINE = 300;
const MOST_LINES = 40;

/** The line that an event is shown as, or undefined where the channel hides it. */
export function traceLine(event: AgentEvent, settings: ChannelSettings): string | undefined {
  switch (event.type) {
    case "inner_thoughts":
      return settings.show_inner_thoughts ? oneLine(`[inner thoughts] ${event.text}`) : undefined;
    case "function_call":
      if (!settings.show_function_outputs || event.name === "send_message") return undefined;
      return oneLine(`[function] ${event.name}(${argumentList(event.arguments)})`);
    case "function_result":
      if (!settings.show_function_outputs) return undefined;
      // What was said is shown as such; that it could not be said is a trace.
      if (event.name === "send_message" && event.ok) return undefined;
      return oneLine(`[function - ${event.ok ? "OK" : "error"}] ${event.text}`);
    case "memory_receipt":
      return settings.show_inner_thoughts || settings.show_function_outputs
        ? oneLine(`[memory] ${event.text}`)
        : undefined;
    case "notice":
      return oneLine(`[notice] ${event.text}`);
    case "text_delta":
      return undefined;
  }
}

/** Adds a line unless the answer has its fill of them; says once that more were left out. */
export function addTrace(traces: string[], line: string): void {
  if (traces.length < MOST_LINES) traces.push(line);
  else if (traces.length === MOST_LINES) traces.push("[…] further lines are left out");
}

function argumentList(args: Readonly<Record<string, unknown>>): string {
  return Object.entries(args)
    .map(([name, value]) => `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(", ");
}

function oneLine(text: string): string {
  const flat = text.replace(/\s+/g, " ").trim();
  const points = [...flat];
  return points.length > LONGEST_LINE ? `${points.slice(0, LONGEST_LINE - 1).join("")}…` : flat;
}
