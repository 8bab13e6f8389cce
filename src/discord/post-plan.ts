/**
 * From an answer to the messages that show it: trace lines, pieces, or a file when the text is too
 * long. Pure and deterministic. The traces of a post lead its first piece as small grey lines
 * (`-# …`), above what the agent said.
 */
import { plainLine } from "./plain-line.ts";
import { cleanText, closedFence, MESSAGE_LIMIT, splitMessage } from "./split.ts";
import { boldName, cutGraphemes } from "./voice-name.ts";

export interface TextFile {
  name: string;
  text: string;
}

/** One message, voice apart. */
export interface Piece {
  content: string;
  file?: TextFile;
}

const MOST_PIECES = 4;
const LONGEST_TRACE = 220;
const ALL_TRACES = 900;
/** UTF-16 units; in UTF-8 at most three times as many bytes, under Discord's 10 MiB. */
const LONGEST_FILE = 3_000_000;

/** The pieces of an agent's answer, in order. Empty only when there is nothing to show. */
export function planPost(post: {
  voice: { name: string };
  text: string;
  traces: readonly string[];
}): Piece[] {
  const traces = traceBlock(post.traces);
  const pieces = planText(post.text, post.voice.name, roomUnder(traces)).map((piece) =>
    isUnfinished(piece.content)
      ? { ...piece, content: piece.content.trimEnd().slice(0, -1) }
      : piece,
  );
  const [first, ...rest] = pieces;
  if (!first) return traces === "" ? [] : [{ content: traces }];
  return [{ ...first, content: under(traces, first.content) }, ...rest];
}

/** The last line of an answer that is still being written; no finished one ends with it. */
const UNFINISHED = "\n-# writing…";

export function isUnfinished(content: string): boolean {
  return `\n${content.trimEnd()}`.endsWith(UNFINISHED);
}

/**
 * The messages that show an answer of which this much is written, at most as many as an answer may have
 * pieces; under the bot's name it is said whose it is. None while there is no text.
 */
export function planDraft(
  post: { voice: { name: string }; text: string; traces: readonly string[] },
  underBotName: boolean,
): string[] {
  const traces = traceBlock(post.traces);
  const text = closedFence(cleanText(post.text.slice(0, (MOST_PIECES + 1) * MESSAGE_LIMIT)));
  const [first, ...rest] = splitMessage(text, { first: roomUnder(traces) });
  if (first === undefined) return [];
  const pieces = [under(traces, first), ...rest].slice(0, MOST_PIECES);
  const contents = underBotName
    ? pieces.flatMap((content) => piecesUnderBotName(post.voice.name, { content }))
    : pieces.map((content) => ({ content }));
  return contents.map(({ content }, i) => {
    if (i < contents.length - 1) return content;
    const [shown = ""] = splitMessage(content, { limit: MESSAGE_LIMIT - UNFINISHED.length });
    return shown + UNFINISHED;
  });
}

function roomUnder(traces: string): number {
  return traces === "" ? MESSAGE_LIMIT : MESSAGE_LIMIT - traces.length - 1;
}

function under(traces: string, content: string): string {
  return traces === "" ? content : `${traces}\n${content}`;
}

/** Up to four pieces, or a short beginning with the whole text as a file. */
export function planText(source: string, author: string, first = MESSAGE_LIMIT): Piece[] {
  const text = cleanText(source);
  const most = first + (MOST_PIECES - 1) * MESSAGE_LIMIT;
  const pieces = text.length > most ? undefined : splitMessage(text, { first });
  if (pieces && pieces.length <= MOST_PIECES) return pieces.map((content) => ({ content }));
  const [beginning = ""] = splitMessage(text.slice(0, 1400), { limit: 600 });
  const whole = text.length <= LONGEST_FILE;
  const count = String(text.length).replace(/\B(?=(?:\d{3})+$)/g, ",");
  const note = whole
    ? `The whole answer, ${count} characters, is in the file.`
    : `The answer has ${count} characters; the file holds the first ${LONGEST_FILE}.`;
  return [
    {
      content: `${beginning}\n-# ${note}`,
      file: { name: fileName(author, text), text: cleanText(text.slice(0, LONGEST_FILE)) },
    },
  ];
}

function fileName(author: string, text: string): string {
  const stem = author.replace(/[^A-Za-z0-9_-]+/g, "-").replace(/^-+|-+$/g, "");
  const isMarkdown = /^(?:#{1,6} |[-*] |\d+\. |> |```|\|)|\*\*|\]\(/m.test(text.slice(0, 20_000));
  return `${stem.slice(0, 40) || "answer"}${isMarkdown ? ".md" : ".txt"}`;
}

/** Inner thoughts and traces as small grey lines, at most 900 characters together. */
export function traceBlock(traces: readonly string[]): string {
  const lines = traces
    .map((trace) => traceLine(trace))
    .filter((line): line is string => line !== undefined);
  const shown: string[] = [];
  let length = 0;
  for (const line of lines) {
    length += line.length + 1;
    if (length > ALL_TRACES - 20 && shown.length > 0) break;
    shown.push(line);
  }
  const left = lines.length - shown.length;
  return [...shown, ...(left > 0 ? [`-# … ${left} more`] : [])].join("\n");
}

function traceLine(trace: string): string | undefined {
  const whole = trace
    .slice(0, LONGEST_TRACE * 4)
    .replace(/\s+/g, " ")
    .trim();
  const short = cutGraphemes(whole, LONGEST_TRACE);
  if (!/[^\s\p{C}]/u.test(short)) return undefined;
  const isCut = short.length < whole.length || trace.length > LONGEST_TRACE * 4;
  return `-# ${plainLine(short)}${isCut ? "…" : ""}`;
}

/** `piece` as the bot's own messages: the name in bold leads each; usually one, two when it is full. */
export function piecesUnderBotName(name: string, piece: Piece): Piece[] {
  const head = boldName(name);
  const contents = splitMessage(piece.content, { limit: MESSAGE_LIMIT - head.length - 1 });
  const last = contents.length - 1;
  return contents.map((content, i) => ({
    content: `${head}\n${content}`,
    ...(piece.file && i === last ? { file: piece.file } : {}),
  }));
}
