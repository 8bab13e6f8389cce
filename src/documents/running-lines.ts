/**
 * Takes running heads and foots off the pages of a paper: lines at a page's edge that the pages
 * around it have at theirs, but for their numbers. Looks two pages ahead, because left and right
 * pages may differ. What is kept of a document is the text before this.
 */
import type { DocumentPage } from "./ports.ts";

/** Lines at each edge that may run. */
const EDGE = 2;
/** A page with fewer lines is left as it is. */
const FEW_LINES = 6;
const LONGEST = 120;
const AROUND = 2;

interface Edges {
  page: DocumentPage;
  lines: string[];
  top: string[];
  bottom: string[];
}

export class RunningLines {
  /** Up to five pages: those before the next one to be given out, it, and those after. */
  #window: Edges[] = [];
  /** Where in the window the next page to be given out is. */
  #next = 0;
  #first = true;

  /** The pages that are ready, in order, when `page` is taken in. */
  add(page: DocumentPage): DocumentPage[] {
    const lines = page.text.split("\n");
    const said = lines.map(formOf).filter((line) => line !== "");
    this.#window.push({ page, lines, top: said.slice(0, EDGE), bottom: said.slice(-EDGE) });
    return this.#window.length - this.#next > AROUND ? [this.#give()] : [];
  }

  /** The pages still held. */
  end(): DocumentPage[] {
    const pages: DocumentPage[] = [];
    while (this.#next < this.#window.length) pages.push(this.#give());
    return pages;
  }

  #give(): DocumentPage {
    const at = this.#next;
    const one = this.#window[at];
    if (!one) throw new RangeError("There is no page to give out.");
    const around = this.#window.filter((_, i) => i !== at && Math.abs(i - at) <= AROUND);
    const page = { ...one.page, text: withoutRunning(one, around, this.#first) };
    this.#first = false;
    if (at === AROUND) this.#window.shift();
    else this.#next += 1;
    return page;
  }
}

/** The first page's head is often the title, which later pages repeat: it stays. */
function withoutRunning(one: Edges, around: readonly Edges[], first: boolean): string {
  if (one.lines.filter((line) => line.trim() !== "").length < FEW_LINES) return one.page.text;
  const runs = (edge: "top" | "bottom") => (line: string) =>
    formOf(line) !== "" && around.some((other) => other[edge].includes(formOf(line)));
  const bottomUp = dropped([...one.lines].reverse(), runs("bottom"));
  const kept = bottomUp.reverse();
  return (first ? kept : dropped(kept, runs("top"))).join("\n");
}

/** Drops the first lines while they run, at most as many as an edge has. */
function dropped(lines: readonly string[], runs: (line: string) => boolean): string[] {
  let kept = 0;
  for (let seen = 0; kept < lines.length && seen < EDGE; kept += 1) {
    const line = lines[kept] ?? "";
    if (line.trim() === "") continue;
    if (!runs(line)) break;
    seen += 1;
  }
  return lines.slice(kept);
}

/** What is compared: page numbers count as one another, long lines as nothing. */
function formOf(line: string): string {
  const text = line.trim();
  return text.length > LONGEST ? "" : text.replace(/\d+/g, "#").replace(/\s+/g, " ").toLowerCase();
}
