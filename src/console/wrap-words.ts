/**
 * Lines broken between words, where a terminal would break them in the middle of one. Code, and what
 * fits, stays as it is; the next row begins below the text of a list's item.
 */

/** How a line is styled takes no room. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is left out.
const STYLE = /\u001b\[[\d;]*m/g;

/** `columns`: of the screen. Words that are wider than it are left to the terminal. */
export function wrapWords(text: string, columns: number): string {
  return text
    .split("\n")
    .map((line) => wrapLine(line, columns))
    .join("\n");
}

function wrapLine(line: string, columns: number): string {
  const plain = line.replace(STYLE, "");
  if (widthOf(plain) <= columns || /^(?: {4}|\t)/.test(plain)) return line;
  const indent = /^ *(?:[-*] )?/.exec(plain)?.[0].length ?? 0;
  let wrapped = "";
  let column = 0;
  for (const word of line.match(/ *[^ ]+| +$/g) ?? []) {
    const width = widthOf(word);
    if (column > indent && column + width > columns) {
      const alone = word.trimStart();
      wrapped += `\n${" ".repeat(indent)}${alone}`;
      column = indent + widthOf(alone);
    } else {
      wrapped += word;
      column += width;
    }
    if (column > columns) column %= columns;
  }
  return wrapped;
}

/** Columns, at the most: letters beyond the alphabets count as the two that many of them take. */
function widthOf(text: string): number {
  let width = 0;
  for (const letter of text.replace(STYLE, "")) {
    width += (letter.codePointAt(0) ?? 0) < 0x1100 || /[\u2000-\u206f]/.test(letter) ? 1 : 2;
  }
  return width;
}
