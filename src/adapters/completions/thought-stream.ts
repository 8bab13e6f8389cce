/**
 * What may be shown of an answer while it is still being written: prose as it comes, and of a call
 * its inner thoughts, which are the answer's `content`.
 */

/** The thoughts' value, as far as it is there. */
const THOUGHTS = /"inner_thoughts"\s*:\s*"((?:\\u[0-9a-fA-F]{4}|\\[^u]|[^"\\])*)/;

export class ThoughtStream {
  readonly #show: (delta: string) => void;
  readonly #calling: boolean;
  #text: string;
  #shown = 0;

  /** @param calling whether the answer is to be a call, and `forced` its beginning */
  constructor(show: (delta: string) => void, calling: boolean, forced: string) {
    this.#show = show;
    this.#calling = calling;
    this.#text = forced;
  }

  push(delta: string): void {
    this.#text += delta;
    const visible = this.#calling ? thoughtsIn(this.#text) : this.#text.trimStart();
    // Trailing blanks may turn out to be the end, which the whole answer has not.
    const text = visible.trimEnd();
    if (text.length <= this.#shown) return;
    this.#show(text.slice(this.#shown));
    this.#shown = text.length;
  }
}

function thoughtsIn(text: string): string {
  const written = THOUGHTS.exec(text)?.[1];
  if (written === undefined) return "";
  try {
    const value: unknown = JSON.parse(`"${written.replace(/[\n\r\t]/g, " ")}"`);
    return typeof value === "string" ? value.trimStart() : "";
  } catch {
    return "";
  }
}
