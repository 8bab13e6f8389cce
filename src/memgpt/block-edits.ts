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

/** The least change that makes `after` of `before`, never inside a surrogate pair. */
export function textChange(before: string, after: string): TextChange {
  const most = Math.min(before.length, after.length);
  let at = 0;
  while (at < most && before[at] === after[at]) at += 1;
  if (isHighSurrogate(before, at - 1)) at -= 1;
  let tail = 0;
  while (tail < most - at && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  if (isLowSurrogate(before, before.length - tail)) tail -= 1;
  return {
    at,
    old: before.slice(at, before.length - tail),
    new: after.slice(at, after.length - tail),
  };
}

/** The text before the change; undefined when the text is not what the change led to. */
export function reverted(text: string, change: TextChange): string | undefined {
  const end = change.at + change.new.length;
  if (text.slice(change.at, end) !== change.new) return undefined;
  return text.slice(0, change.at) + change.old + text.slice(end);
}

function isHighSurrogate(text: string, index: number): boolean {
  const unit = text.charCodeAt(index);
  return unit >= 0xd800 && unit <= 0xdbff;
}

function isLowSurrogate(text: string, index: number): boolean {
  const unit = text.charCodeAt(index);
  return unit >= 0xdc00 && unit <= 0xdfff;
}
