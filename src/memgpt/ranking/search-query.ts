/** What a model wrote to search for: a query in double quotes asks for exactly these words. */

export interface SearchQuery {
  text: string;
  /** Only texts that contain `text`, whatever the case. */
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
    : { text: query, exact_only: false };
}
