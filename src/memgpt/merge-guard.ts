/**
 * What a merge of a block's lines may do: use other words of the block, and lose neither a name nor a
 * number. A rule in code, because a model that tidies at night is watched by nobody.
 */

/** Words that join others, and say nothing themselves. */
const JOINING: ReadonlySet<string> = new Set(["a", "an", "and", "the"]);
const MOST_NAMED = 5;

/** Why `from` may not become `to` in `block`, for the model; undefined if it may. */
export function mergeFault(block: string, from: string, to: string): string | undefined {
  const known = new Set(wordsOf(block).map(lower));
  const foreign = wordsOf(to).filter((word) => !known.has(lower(word)) && !isJoining(word));
  if (foreign.length > 0) {
    return `new_content may only use words that stand in the block; these do not: ${named(foreign)}`;
  }
  const left = new Set(wordsOf(block.split(from).join(to)).map(lower));
  const lost = wordsOf(from).filter((word) => isFact(word) && !left.has(lower(word)));
  if (lost.length === 0) return undefined;
  return `new_content must keep names and numbers; it lacks: ${named(lost)}. Move a line that no longer holds with move_to_archival`;
}

function wordsOf(text: string): string[] {
  return text.normalize("NFKC").match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
}

/** A name, or anything with a digit. */
function isFact(word: string): boolean {
  return /^\p{Lu}|\p{N}/u.test(word) && !isJoining(word);
}

function isJoining(word: string): boolean {
  return JOINING.has(lower(word));
}

function lower(word: string): string {
  return word.toLowerCase();
}

function named(words: readonly string[]): string {
  return [...new Set(words)].slice(0, MOST_NAMED).join(", ");
}
