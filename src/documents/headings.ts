/**
 * Under which heading a reader of a document stands: Markdown's by their marks, a paper's by their
 * numbers, which must follow one another, so that lists and figures are not taken for headings.
 */

/** Characters of a heading that are kept, and of a path of headings. */
const LONGEST_HEADING = 80;
const LONGEST_PATH = 120;

const NUMBERED = /^((?:\d{1,2}\.){0,3}\d{1,2})\.?\s+(\p{Lu}[^\n]{1,70}[^\s.,;:]|\p{Lu}\p{L}+)$/u;
const NAMED =
  /^(?:Abstract|Introduction|Background|Related Work|Methods?|Results|Discussion|Conclusions?|Acknowledge?ments|References|Bibliography|Appendix(?: [A-Z])?)\.?$/i;

export class HeadingTrail {
  /** The heading of each level above the present place; empty where a level was passed over. */
  #levels: string[] = [];
  #number: number[] = [];

  /** The path to where the reader stands, outermost first; undefined before the first heading. */
  get path(): string | undefined {
    const named = this.#levels.filter((one) => one !== "");
    const path = named.join(" › ");
    return path.length <= LONGEST_PATH ? path || undefined : named.at(-1);
  }

  /** Takes a line of Markdown that is a heading; false for other lines. */
  markdown(line: string): boolean {
    const [, marks = "", text = ""] = /^(#{1,6})\s+(\S.*)$/.exec(line) ?? [];
    if (!marks) return false;
    this.#enter(marks.length, text.replace(/\s*#+\s*$/, "").replace(/[*_`]+/g, ""));
    return true;
  }

  /** Takes a line of a paper that is a heading; false for other lines. */
  paper(line: string): boolean {
    const text = line.trim();
    if (text.length > LONGEST_HEADING) return false;
    if (NAMED.test(text)) {
      this.#enter(1, text);
      return true;
    }
    const [, digits = ""] = NUMBERED.exec(text) ?? [];
    const number = digits.split(".").map(Number);
    if (!digits || !follows(number, this.#number)) return false;
    this.#number = number;
    this.#enter(number.length, text);
    return true;
  }

  /** A line of source code under which the following, deeper ones stand. */
  definition(line: string): void {
    this.#enter(1, line.replace(/[\s{(:=]+$/, ""));
  }

  #enter(level: number, text: string): void {
    const above = this.#levels.slice(0, level - 1);
    while (above.length < level - 1) above.push("");
    // Brackets fence a quote's provenance.
    const clean = text.replace(/[\s[\]]+/g, " ").trim();
    this.#levels = [...above, clean.slice(0, LONGEST_HEADING).trimEnd()];
  }
}

/** Whether a section's number can come next: 3 after 2 or 2.4, 2.2 after 2.1, 2.1.1 after 2.1. */
function follows(next: readonly number[], last: readonly number[]): boolean {
  const level = next.length;
  if (level === last.length + 1) {
    return next.at(-1) === 1 && last.every((number, i) => next[i] === number);
  }
  if (level > last.length) return false;
  const same = next.slice(0, -1).every((number, i) => last[i] === number);
  return same && next.at(-1) === (last[level - 1] ?? 0) + 1;
}
