/**
 * What may be shown of an answer while it is still being written: prose as it comes, and of a call
 * its inner thoughts, which are the answer's `content`.
 */

/** The thoughts' value, as far as it is there. */
const THOUGHTS = /"inner_thoughts"\s*:\s*"((?:\\u[0-9a-fA-F]{4}|\\[^u]|[^"\\])*)/;

export class ThoughtStream {
  readonly #show: (delta: string) => void;
  readonly #calling: boolean;
  readonly #stop: readonly string[];
  #text: string;
  #shown = 0;

  /** @param calling whether the answer is to be a call, and `forced` its beginning */
  constructor(
    show: (delta: string) => void,
    calling: boolean,
    prompt: { forced: string; stop: readonly string[] },
  ) {
    this.#show = show;
    this.#calling = calling;
    this.#text = prompt.forced;
    this.#stop = prompt.stop;
  }

  push(delta: string): void {
    this.#text += delta;
    const visible = this.#calling
      ? thoughtsIn(this.#text)
      : heldBack(this.#text.trimStart(), this.#stop);
    // Trailing blanks may turn out to be the end, which the whole answer has not.
    const text = visible.trimEnd();
    if (text.length <= this.#shown) return;
    this.#show(text.slice(this.#shown));
    this.#shown = text.length;
  }
}

/** Up to where a stop sequence is, or may be about to be. */
export function heldBack(text: string, stop: readonly string[]): string {
  const ends = stop.map((mark) => {
    const whole = text.indexOf(mark);
    if (whole >= 0) return whole;
    for (let length = mark.length - 1; length > 0; length -= 1) {
      if (text.endsWith(mark.slice(0, length))) return text.length - length;
    }
    return text.length;
  });
  return text.slice(0, Math.min(text.length, ...ends));
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
