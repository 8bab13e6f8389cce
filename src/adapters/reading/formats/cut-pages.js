// @ts-check
/**
 * Long texts without pages of their own to pieces that are kept and told as pages: so that a row of
 * the store stays small and reading is seen to go on. Loses nothing, decides nothing about passages.
 */

/** Characters of a piece, at most. */
const PIECE = 65_536;

/**
 * The text in order, cut where something begins: at a heading, else a blank line, else a line end.
 * A text of one piece comes back whole; joined, the pieces are the text.
 *
 * @param {string} text
 * @returns {string[]}
 */
export function cutPages(text) {
  const pieces = [];
  let from = 0;
  while (text.length - from > PIECE) {
    const to = cutPoint(text, from, from + PIECE);
    pieces.push(text.slice(from, to));
    from = to;
  }
  pieces.push(text.slice(from));
  return pieces;
}

/**
 * @param {string} text
 * @param {number} from
 * @param {number} limit
 */
function cutPoint(text, from, limit) {
  const half = from + PIECE / 2;
  for (const mark of ["\n# ", "\n## ", "\n\n", "\n", " "]) {
    // The slice bounds the search: a text without the mark is not looked at from its start each time.
    const at = text.slice(half, limit).lastIndexOf(mark);
    if (at >= 0) return half + at + (mark === "\n\n" ? 2 : 1);
  }
  const code = text.charCodeAt(limit - 1);
  return code >= 0xd800 && code <= 0xdbff ? limit - 1 : limit;
}
