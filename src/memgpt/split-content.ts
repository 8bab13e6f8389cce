/**
 * Splits a text that the agent wants archived into parts of at most 300 tokens, at sentence ends
 * where it can, else between words, else inside a word. Nothing is lost or repeated.
 */
import type { TokenCounter } from "./ports.ts";

/** MemGPT's embedding chunk size, in tokens. */
export const PASSAGE_TOKENS = 300;

/** At least one part unless the text is blank. Parts are trimmed. */
export function splitContent(
  text: string,
  tokens: TokenCounter,
  limit: number = PASSAGE_TOKENS,
): string[] {
  const parts: string[] = [];
  let part = "";
  let most = 0;
  for (const piece of pieces(text, tokens, limit)) {
    most += tokens.count(piece);
    // Texts have at most as many tokens together as apart; counted whole only where that is too many.
    if (part !== "" && most > limit) most = tokens.count(part + piece);
    if (part !== "" && most > limit) {
      parts.push(part);
      part = "";
      most = tokens.count(piece);
    }
    part += piece;
  }
  parts.push(part);
  return parts.map((p) => p.trim()).filter((p) => p !== "");
}

/** Consecutive pieces that join to the text, each within the limit. */
function pieces(text: string, tokens: TokenCounter, limit: number): string[] {
  if (tokens.count(text) <= limit) return [text];
  return (text.match(/[^.!?\n]*[.!?\n]*\s*/gu) ?? [text]).flatMap((sentence) => {
    if (tokens.count(sentence) <= limit) return [sentence];
    return (sentence.match(/\S*\s*/gu) ?? [sentence]).flatMap((word) =>
      3 * word.length <= limit || tokens.count(word) <= limit ? [word] : slices(word, limit),
    );
  });
}

/** A text without spaces; three tokens are reckoned for each code point. */
function slices(word: string, limit: number): string[] {
  const points = [...word];
  const size = Math.max(1, Math.floor(limit / 3));
  const result: string[] = [];
  for (let i = 0; i < points.length; i += size) result.push(points.slice(i, i + size).join(""));
  return result;
}
