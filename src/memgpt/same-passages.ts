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

/** Passages whose texts begin and end alike: the first, and all by their texts once there are two. */
interface Alike {
  first: Found;
  texts?: Map<string, Found>;
}

interface Found {
  passage: Passage;
  also: Passage[];
}

/** Characters compared at each end before whole texts are, which a common word's thousands of hits have. */
const EDGE = 24;

/** Each text once, in the order in which it comes first; white space and case make no difference. */
export function mergeSame(passages: readonly Passage[]): FoundPassage[] {
  const merged: FoundPassage[] = [];
  const groups = new Map<string, Alike>();
  for (const passage of passages) {
    const key = edgesOf(passage.text);
    const alike = groups.get(key);
    const known = alike && sameIn(alike, passage.text);
    if (known) {
      known.also.push(passage);
      continue;
    }
    const found: Found = { passage, also: [] };
    merged.push(found);
    if (alike) alike.texts?.set(wholeOf(passage.text), found);
    else groups.set(key, { first: found });
  }
  return merged;
}

function sameIn(alike: Alike, text: string): Found | undefined {
  alike.texts ??= new Map([[wholeOf(alike.first.passage.text), alike.first]]);
  return alike.texts.get(wholeOf(text));
}

function wholeOf(text: string): string {
  return text.replace(/\s+/g, " ").trim().toLowerCase();
}

function edgesOf(text: string): string {
  return `${edgeOf(text, 0, 1)} ${edgeOf(text, text.length - 1, -1)}`;
}

function edgeOf(text: string, from: number, step: number): string {
  let edge = "";
  for (let at = from; at >= 0 && at < text.length && edge.length < EDGE; at += step) {
    edge += text.charAt(at).trim();
  }
  return edge.toLowerCase();
}
