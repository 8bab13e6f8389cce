/**
 * An edit of a block as the difference it made, small enough to be kept with every version, and
 * enough to be undone as long as nothing else changed there since.
 */

export interface TextChange {
  /** Where it begins, in UTF-16 units. */
  at: number;
  old: string;
  new: string;
}

export interface BlockEdit extends TextChange {
  label: string;
  /** Milliseconds since the epoch. */
  edited_at: number;
}

/**
 * The least change in whole words that makes `after` of `before`, never inside a surrogate pair. Where
 * equal lines stand around it, it is the line that a reader would call changed.
 */
export function textChange(before: string, after: string): TextChange {
  const most = Math.min(before.length, after.length);
  let at = 0;
  while (at < most && before[at] === after[at]) at += 1;
  let tail = 0;
  while (tail < most - at && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  const shift =
    at + tail < most ? 0 : toLineStart(before.length > after.length ? before : after, at, tail);
  at -= shift;
  tail += shift;
  while (at > 0 && (isInWord(before, at) || isInWord(after, at))) at -= 1;
  while (
    tail > 0 &&
    (isInWord(before, before.length - tail) || isInWord(after, after.length - tail))
  ) {
    tail -= 1;
  }
  return {
    at,
    old: before.slice(at, before.length - tail),
    new: after.slice(at, after.length - tail),
  };
}

/** How far left to move what was only put in or taken out of `longer`, for it to begin a line. */
function toLineStart(longer: string, at: number, tail: number): number {
  const end = longer.length - tail;
  for (let shift = 0; at - shift >= 0 && end - shift > at; shift += 1) {
    if (longer[at - shift] === "\n") return shift;
    if (longer[at - shift - 1] !== longer[end - shift - 1]) return 0;
  }
  return 0;
}

/** Between two letters, digits or marks, or inside a surrogate pair. */
function isInWord(text: string, index: number): boolean {
  const [before, after] = [text[index - 1] ?? "", text[index] ?? ""];
  return WORD_UNIT.test(before) && WORD_UNIT.test(after);
}

/**
 * Halves of surrogate pairs count as letters: one is never parted from the other. Scripts that are
 * written without spaces are not widened to words.
 */
const WORD_UNIT =
  /(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}])[\p{L}\p{N}\p{M}\p{Cs}]/u;

/** The text before the change; undefined when the text is not what the change led to. */
export function reverted(text: string, change: TextChange): string | undefined {
  const end = change.at + change.new.length;
  if (text.slice(change.at, end) !== change.new) return undefined;
  return text.slice(0, change.at) + change.old + text.slice(end);
}
