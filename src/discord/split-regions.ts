/**
 * Where a message must not be cut: code fences as Discord sees them (a run of three or more
 * backticks opens, the next such run closes) and short inline spans (bold, inline code, links).
 * Only positions are found here; `split.ts` decides.
 */

export interface Fence {
  /** Index of the opening backticks. */
  start: number;
  /** First index of the code. */
  body: number;
  /** Index of the closing backticks; the text's length when nothing closes the fence. */
  body_end: number;
  /** First index behind the fence. */
  end: number;
  /** What stands behind the backticks when the fence is opened again; may be empty. */
  language: string;
}

/** A half-open range. */
export interface Span {
  start: number;
  end: number;
}

const LONGEST_RUN = 8;
const LONGEST_SPAN = 400;

/** The fences of `text`, in order. Lone backticks in prose, which open nothing, are passed over. */
export function findFences(text: string): Fence[] {
  const runs = [...text.matchAll(/`{3,}/g)].filter((run) => run[0].length <= LONGEST_RUN);
  const fences: Fence[] = [];
  for (let i = 0; i < runs.length; i += 1) {
    const opening = runs[i];
    if (!opening) break;
    const closing = runs[i + 1];
    if (!closing && !startsLine(text, opening.index)) continue;
    const { body, language } = readInfo(text, opening.index + opening[0].length);
    const body_end = closing?.index ?? text.length;
    fences.push({
      start: opening.index,
      body: Math.min(body, body_end),
      body_end,
      end: closing ? closing.index + closing[0].length : text.length,
      language,
    });
    i += 1;
  }
  return fences;
}

function startsLine(text: string, index: number): boolean {
  const line = text.slice(text.lastIndexOf("\n", index - 1) + 1, index);
  return /^[\s>*+-]{0,12}$/.test(line);
}

/** The rest of the opening line: a language, an info string, or already code. */
function readInfo(text: string, index: number): { body: number; language: string } {
  const info = /^([^\n`]{0,60})\n/.exec(text.slice(index, index + 62));
  if (!info) return { body: index, language: "" };
  const language = /^[A-Za-z0-9_+\-.#]{1,20}/.exec(info[1] ?? "")?.[0] ?? "";
  return { body: index + info[0].length, language };
}

const SPANS = [
  /(?<!`)`[^`\n]{1,400}`(?!`)/g,
  /\*\*[^*\n]{1,400}\*\*/g,
  /__[^_\n]{1,400}__/g,
  /~~[^~\n]{1,400}~~/g,
  /\|\|[^|\n]{1,400}\|\|/g,
  /\[[^[\]\n]{1,200}\]\([^()\s]{1,200}\)/g,
  /<[@#:at][^<>\s]{1,80}>/g,
];

/** Inline marks that should stay whole, overlapping perhaps; none is longer than 404 characters. */
export function findSpans(text: string, from: number, to: number): Span[] {
  const start = Math.max(0, from - LONGEST_SPAN);
  const part = text.slice(start, to + LONGEST_SPAN);
  return SPANS.flatMap((pattern) =>
    [...part.matchAll(pattern)].map((hit) => ({
      start: start + hit.index,
      end: start + hit.index + hit[0].length,
    })),
  );
}
