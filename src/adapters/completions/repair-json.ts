/**
 * JSON as local models write it, back to an object. The cases and their order are MemGPT 0.3.5's
 * (`json_parser.py`); letters outside ASCII are kept, which it strips, and jsonrepair comes last.
 */
import { jsonrepair } from "jsonrepair";
import { record } from "../model-http/completion.ts";

type JsonObject = Record<string, unknown>;
type Case = (text: string) => unknown;

/** Repairs look at a text several times over; none this long is a call. */
const MAX_REPAIRED = 200_000;

const ENDINGS = ["}", "}}", '"}}'];

const CASES: readonly Case[] = [
  loose,
  ...ENDINGS.map(
    (end): Case =>
      (text) =>
        loose(text + end),
  ),
  ...ENDINGS.map(
    (end): Case =>
      (text) =>
        loose(text.trim().replace(/,$/, "") + end),
  ),
  rebuiltMessage,
  (text) => firstObject(`${text}}}`),
  sendMessageByPattern,
  (text) => loose(withoutEscapedUnderscores(text)),
  (text) => firstObject(`${withoutEscapedUnderscores(text)}}}`),
  (text) => JSON.parse(jsonrepair(text)),
];

/** The first object that a case makes of `text`; undefined when none does. */
export function readObject(text: string): JsonObject | undefined {
  if (text.length > MAX_REPAIRED) return undefined;
  for (const read of CASES) {
    try {
      const value = record(read(text));
      if (value) return value;
    } catch {
      // The next case is for what this one cannot read.
    }
  }
  return undefined;
}

/** The inside of a text as JSON writes it, raw line breaks allowed; undefined where it is broken. */
export function readText(written: string): string | undefined {
  try {
    return String(loose(`"${written}"`));
  } catch {
    return undefined;
  }
}

/** JSON whose texts may hold raw line breaks and other control characters (Python's `strict=False`). */
function loose(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return JSON.parse(escapedControls(text));
  }
}

function escapedControls(text: string): string {
  let inside = false;
  return text.replace(/\\[\s\S]|["\n\r\t]/g, (found) => {
    if (found === '"') inside = !inside;
    else if (inside && found.length === 1) return JSON.stringify(found).slice(1, -1);
    return found;
  });
}

/** What ends a message that is not closed as it should be: the likeliest first. Blanks are bounded. */
const MESSAGE_ENDS = [
  // The closing brace, or another parameter.
  /"\s{0,40}(?:,\s{0,40})?(?:\}|"(?:inner_thoughts|request_heartbeat)"\s{0,8}:)/,
  // A parameter that breaks off, or nonsense.
  /",[ \t]{0,40}\n/,
  // The text itself breaks off.
  /"?[\s}]{0,40}$/,
];

/** Quotes inside `message` that were not escaped: everything up to its end is the text. */
function rebuiltMessage(text: string): unknown {
  const start = /"message"\s*:\s*"/.exec(text);
  if (!start) return undefined;
  const from = start.index + start[0].length;
  const rest = text.slice(from);
  const end = MESSAGE_ENDS.map((pattern) => rest.search(pattern)).find((at) => at >= 0);
  return loose(`${text.slice(0, from)}${escapedQuotes(rest.slice(0, end))}"}}`);
}

function escapedQuotes(text: string): string {
  return text.replace(/\\[\s\S]|"/g, (found) => (found === '"' ? '\\"' : found));
}

/** Two objects in a row, or words around one. Braces in texts do not count. */
function firstObject(text: string): unknown {
  const start = text.indexOf("{");
  if (start < 0) return undefined;
  let depth = 0;
  for (const { 0: mark, index } of text.slice(start).matchAll(/"(?:\\[\s\S]|[^"\\])*"|[{}]/g)) {
    if (mark === "{") depth += 1;
    if (mark === "}") depth -= 1;
    if (depth === 0) return loose(text.slice(start, start + index + 1));
  }
  return undefined;
}

/** Whatever else is broken: the words of a `send_message` can be found by their keys. */
function sendMessageByPattern(text: string): unknown {
  if (!/"function"\s*:\s*"send_message"/.test(text)) return undefined;
  const message = textOf(text, "message");
  if (message === undefined) return undefined;
  const inner_thoughts = textOf(text, "inner_thoughts");
  return {
    function: "send_message",
    params: { ...(inner_thoughts === undefined ? {} : { inner_thoughts }), message },
  };
}

function textOf(text: string, key: "message" | "inner_thoughts"): string | undefined {
  const found = new RegExp(`"${key}"\\s*:\\s*("(?:\\\\.|[^"\\\\])+")`, "s").exec(text)?.[1];
  const value = found === undefined ? undefined : loose(found);
  return typeof value === "string" ? value : undefined;
}

/** Models trained on Markdown write `send\_message`. */
function withoutEscapedUnderscores(text: string): string {
  return text.replaceAll("\\_", "_");
}
