/**
 * Passages that say the same in the same words, as two sources do that hold one text: a search shows
 * them once, with all the places where it stands.
 */
import type { Passage } from "./ports.ts";

/** A passage, and others with its text. */
export interface FoundPassage {
  passage: Passage;
  also: readonly Passage[];
}

/** Each text once, in the order in which it comes first; white space and case make no difference. */
export function mergeSame(passages: readonly Passage[]): FoundPassage[] {
  const found = new Map<string, { passage: Passage; also: Passage[] }>();
  for (const passage of passages) {
    const key = passage.text.replace(/\s+/g, " ").trim().toLowerCase();
    const known = found.get(key);
    if (known) known.also.push(passage);
    else found.set(key, { passage, also: [] });
  }
  return [...found.values()];
}
