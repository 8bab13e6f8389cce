/**
 * Cuts a text into messages of at most Discord's 2,000 characters. Code fences are closed and opened
 * again with their language; words, graphemes, inline marks and indentation stay whole. Pure and
 * deterministic: the same text always gives the same pieces, which recovery after a crash needs.
 */
import { type Fence, findFences, findSpans, type Span } from "./split-regions.ts";

export const MESSAGE_LIMIT = 2000;

export interface SplitLimits {
  /** Most UTF-16 units in a piece; at least 200. */
  limit?: number;
  /** The same for the first piece, where something stands before it. */
  first?: number;
}

const CLOSING = "\n```";

/**
 * Line ends are "\n", half surrogate pairs and control characters are gone, the ends are trimmed; a
 * text with nothing to see is empty, as Discord would refuse it.
 */
export function cleanText(text: string): string {
  if (!isVisible(text)) return "";
  return text
    .replace(/\r\n?/g, "\n")
    .replace(/\p{Surrogate}/gu, "\ufffd")
    .replace(/[^\P{Cc}\n\t]/gu, "")
    .replace(/^(?:[^\S\n]*\n)+/, "")
    .trimEnd();
}

function isVisible(text: string): boolean {
  return /[^\s\p{C}]/u.test(text);
}

/**
 * The pieces, in order; none is empty, and only white space at the cuts is left out. Breaks at
 * paragraphs, else lines, sentences, words, graphemes.
 */
export function splitMessage(source: string, limits: SplitLimits = {}): string[] {
  const limit = limits.limit ?? MESSAGE_LIMIT;
  const text = cleanText(source);
  if (text === "") return [];
  if (text.length <= (limits.first ?? limit)) return [text];
  const fences = findFences(text);
  const pieces: string[] = [];
  let at = 0;
  while (at < text.length) {
    const room = pieces.length === 0 ? (limits.first ?? limit) : limit;
    const inside = fenceAround(fences, at);
    const opening = inside ? `\`\`\`${inside.language}\n` : "";
    const cut = nextCut(text, at, room - opening.length, fences);
    const within = cut.end < text.length ? fenceAround(fences, cut.end) : unclosed(fences, text);
    const part = text.slice(at, cut.end);
    const body = within ? part : part.trimEnd();
    if (isVisible(body)) pieces.push(opening + body + (within ? CLOSING : ""));
    at = cut.next;
  }
  return pieces;
}

/** A clean text whose last code fence, where it is open, is closed. */
export function closedFence(text: string): string {
  return unclosed(findFences(text), text) ? `${text}${CLOSING}` : text;
}

/** The fence whose inside holds `index`: a cut here leaves it open. */
function fenceAround(fences: readonly Fence[], index: number): Fence | undefined {
  return fences.find((fence) => fence.start < index && index < fence.end);
}

function unclosed(fences: readonly Fence[], text: string): Fence | undefined {
  const last = fences.at(-1);
  return last && last.body_end === last.end && last.end === text.length ? last : undefined;
}

interface Cut {
  /** The piece ends before this index. */
  end: number;
  /** The next piece starts here. */
  next: number;
}

function nextCut(text: string, at: number, room: number, fences: readonly Fence[]): Cut {
  const tail = unclosed(fences, text) ? CLOSING.length : 0;
  if (text.length - at + tail <= room) return { end: text.length, next: text.length };
  const window: Window = { text, at, room, fences, spans: findSpans(text, at, at + room) };
  const end = bestEnd(window);
  return { end, next: afterCut(text, end, fenceAround(fences, end)) };
}

/** Where the next piece starts: white space at the cut is dropped, indentation and code are kept. */
function afterCut(text: string, end: number, inside: Fence | undefined): number {
  if (inside) return text[end] === "\n" ? end + 1 : end;
  const lines = /^(?:[^\S\n]*\n)+/.exec(text.slice(end));
  if (lines) return end + lines[0].length;
  return end + (/^[^\S\n]+/.exec(text.slice(end))?.[0].length ?? 0);
}

interface Window {
  text: string;
  at: number;
  room: number;
  fences: readonly Fence[];
  spans: readonly Span[];
}

/** Kinds of bounds, best first, and how full a piece must be for each to be taken. */
const TIERS: readonly { fill: number; fits: (w: Window, i: number) => boolean }[] = [
  { fill: 0.5, fits: (w, i) => isOutside(w, i) && isParagraphEnd(w, i) },
  { fill: 0.2, fits: isBeforeMovableFence },
  {
    fill: 0.5,
    fits: (w, i) => isOutside(w, i) && isLineEnd(w, i) && !/[ \t]/.test(char(w, i + 1)),
  },
  { fill: 0.6, fits: (w, i) => isLineEnd(w, i) && /[^\s)\]}]/.test(char(w, i + 1)) },
  { fill: 0.3, fits: isLineEnd },
  { fill: 0.3, fits: (w, i) => isOutside(w, i) && isSentenceEnd(w, i) && isUnmarked(w, i) },
  { fill: 0.3, fits: (w, i) => isOutside(w, i) && isSpace(w, i) && isUnmarked(w, i) },
  { fill: 0, fits: isLineEnd },
  { fill: 0, fits: isSpace },
];

function bestEnd(w: Window): number {
  const last = w.at + w.room;
  for (const { fill, fits } of TIERS) {
    const least = w.at + Math.max(1, Math.floor(w.room * fill));
    for (let i = last; i >= least; i -= 1) if (fits(w, i) && isAllowed(w, i)) return i;
  }
  return graphemeEnd(w);
}

/** Whether a piece may end before `i` at all: neither half would hold an empty or torn fence. */
function isAllowed(w: Window, i: number): boolean {
  const fence = fenceAround(w.fences, i);
  if (!fence) return w.text.slice(w.at, i).trim() !== "";
  if (i <= fence.body || i > fence.body_end) return false;
  if (i > w.at + w.room - CLOSING.length) return false;
  return (
    w.text.slice(Math.max(w.at, fence.body), i).trim() !== "" &&
    w.text.slice(i, fence.body_end).trim() !== ""
  );
}

function char(w: Window, i: number): string {
  return w.text[i] ?? "";
}

function isOutside(w: Window, i: number): boolean {
  return fenceAround(w.fences, i) === undefined;
}

function isLineEnd(w: Window, i: number): boolean {
  return char(w, i) === "\n";
}

function isParagraphEnd(w: Window, i: number): boolean {
  return isLineEnd(w, i) && (char(w, i + 1) === "\n" || w.fences.some((f) => f.end === i));
}

/** The line end before a fence that a message of its own can hold whole. */
function isBeforeMovableFence(w: Window, i: number): boolean {
  if (!isLineEnd(w, i) || !isOutside(w, i)) return false;
  const next = w.fences.find((fence) => fence.start > i);
  return (
    next !== undefined &&
    w.text.slice(i, next.start).trim() === "" &&
    next.end > w.at + w.room &&
    next.end - next.start + CLOSING.length <= w.room
  );
}

function isSpace(w: Window, i: number): boolean {
  return /\s/.test(char(w, i));
}

function isSentenceEnd(w: Window, i: number): boolean {
  const before = w.text.slice(Math.max(w.at, i - 4), i);
  return /[。！？]$/.test(before) || (isSpace(w, i) && /[.!?…]["'”’)\]*_]*$/.test(before));
}

function isUnmarked(w: Window, i: number): boolean {
  return !w.spans.some((span) => span.start < i && i < span.end);
}

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

/** The last grapheme bound that fits; within a grapheme longer than a message, a code point's. */
function graphemeEnd(w: Window): number {
  const last = w.at + w.room - CLOSING.length;
  let marked = 0;
  let unmarked = 0;
  for (const { index } of graphemes.segment(w.text.slice(w.at, last + 64))) {
    const i = w.at + index;
    if (i > last) break;
    if (i === w.at || tearsMarker(w, i)) continue;
    marked = i;
    if (isUnmarked(w, i)) unmarked = i;
  }
  const best = unmarked > w.at + w.room / 2 ? unmarked : marked;
  if (best > w.at) return best;
  return /[\uD800-\uDBFF]/.test(char(w, last - 1)) ? last - 1 : last;
}

function tearsMarker(w: Window, i: number): boolean {
  const fence = fenceAround(w.fences, i);
  return fence !== undefined && (i <= fence.body || i >= fence.body_end);
}
