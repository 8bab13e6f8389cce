/**
 * What a model wrote to search for: a query in double quotes asks for exactly these words. Exactly
 * is as people read: case, the shape of quotes and where a line was broken do not matter.
 */

export interface SearchQuery {
  text: string;
  /** Only texts that contain `text`, as `foldText` makes both. */
  exact_only: boolean;
}

const QUOTES = '"“”„«»';

export function readQuery(query: string): SearchQuery {
  const trimmed = query.trim();
  const inner = trimmed.slice(1, -1);
  const isQuote = (character: string): boolean => character !== "" && QUOTES.includes(character);
  const quoted = isQuote(trimmed.charAt(0)) && isQuote(trimmed.at(-1) ?? "");
  return quoted && inner.trim() !== "" && ![...inner].some(isQuote)
    ? { text: inner, exact_only: true }
    : { text: trimmed || query, exact_only: false };
}

const NOT_ASCII = /[^\0-\x7f]/;

/** A text in the form in which "contains" is asked. */
export function foldText(text: string): string {
  let folded = text.toLowerCase();
  if (NOT_ASCII.test(folded)) {
    folded = folded.normalize("NFKC").replace(/[‘’]/g, "'").replace(/[“”„]/g, '"');
  }
  return folded.includes("\n") ? folded.replace(/\s*\n\s*/g, " ") : folded;
}
