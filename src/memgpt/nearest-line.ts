/**
 * Help for a model that misquotes its own core memory: the line it most likely meant, by the pairs
 * of letters that both have (Dice's coefficient), case and white space apart.
 */
import { clipText } from "./clip-text.ts";

/** Below it, two lines have little in common but their language. */
const LEAST_LIKENESS = 0.45;
const LONGEST_COMPARED = 400;
const LONGEST_SHOWN = 200;

/** The line, cut to a safe length; undefined when none comes near. */
export function nearestLine(block: string, wanted: string): string | undefined {
  const pairs = pairsOf(wanted);
  let best: string | undefined;
  let most = LEAST_LIKENESS;
  for (const line of block.split("\n")) {
    const score = likeness(pairs, pairsOf(line));
    if (score < most) continue;
    most = score;
    best = line.trim();
  }
  return best === undefined ? undefined : clipText(best, LONGEST_SHOWN);
}

function likeness(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  if (a.size === 0 || b.size === 0) return 0;
  let shared = 0;
  for (const pair of a) if (b.has(pair)) shared += 1;
  // A line that holds all that was wanted is near, however long it is.
  return Math.max((2 * shared) / (a.size + b.size), shared === a.size && a.size > 3 ? 1 : 0);
}

function pairsOf(text: string): Set<string> {
  const letters = [
    ...text.slice(0, LONGEST_COMPARED).toLowerCase().normalize("NFKC").replace(/\s+/g, " ").trim(),
  ];
  return new Set(letters.slice(1).map((letter, i) => `${letters[i]}${letter}`));
}
