/**
 * What the text of each kind of document looks like, as units that a splitter may put together:
 * sentences of prose, lines of lists and records, blocks of code. Says where something begins.
 */
import { sentencesOf } from "../shared/sentences.ts";
import { cleanCode, cleanText, joinHyphenated } from "./clean-text.ts";
import type { HeadingTrail } from "./headings.ts";
import type { DocumentKind } from "./ports.ts";

/** prose: line ends mean nothing; lines: they do; the others are what they say. */
export type Layout = "prose" | "lines" | "markdown" | "table" | "code";

export interface Piece {
  text: string;
  joint: " " | "\n";
  /** Something begins here: a passage had better begin here too. */
  starts: boolean;
  /** The path of headings it stands under. */
  heading?: string;
}

const LAYOUTS: Readonly<Record<DocumentKind, Layout>> = {
  ...{ pdf: "prose", text: "lines", json: "lines", csv: "table", code: "code" },
  ...{ markdown: "markdown", html: "markdown", docx: "markdown", epub: "markdown" },
};

export function layoutOf(kind: DocumentKind): Layout {
  return LAYOUTS[kind];
}

/** Characters cleaned at once. */
const BLOCK = 65_536;

/** The pieces of a page, made as they are asked for. Not for tables. */
export function* piecesOf(raw: string, layout: Layout, trail: HeadingTrail): Generator<Piece> {
  for (const block of blocksOf(raw)) {
    switch (layout) {
      case "prose":
        yield* prosePieces(joinHyphenated(cleanText(block)), trail);
        break;
      case "markdown":
        yield* markdownPieces(block, trail);
        break;
      case "code":
        yield* codePieces(cleanCode(block).split("\n"), trail);
        break;
      default:
        yield* linePieces(joinHyphenated(cleanText(block)), trail);
    }
  }
}

/** Cut at line ends: a text file of megabytes is one page. */
function* blocksOf(raw: string): Generator<string> {
  for (let from = 0; from < raw.length; ) {
    const lineEnd = raw.lastIndexOf("\n", from + BLOCK);
    const whole = raw.length - from <= BLOCK;
    const to = whole ? raw.length : lineEnd > from ? lineEnd + 1 : from + BLOCK;
    yield raw.slice(from, to);
    from = to;
  }
}

function* prosePieces(text: string, trail: HeadingTrail): Generator<Piece> {
  for (const paragraph of text.split("\n\n")) {
    let lines: string[] = [];
    for (const line of paragraph.split("\n")) {
      const before = trail.path;
      if (!trail.paper(line)) {
        lines.push(line);
        continue;
      }
      yield* sentencePieces(lines.join(" "), before);
      lines = [];
      yield piece(line, "\n", true, trail.path);
    }
    yield* sentencePieces(lines.join(" "), trail.path);
  }
}

function* linePieces(text: string, trail: HeadingTrail): Generator<Piece> {
  for (const line of text.split("\n")) yield* sentencePieces(line, trail.path);
}

function* markdownPieces(block: string, trail: HeadingTrail): Generator<Piece> {
  // Odd parts are code between fences, whose lines and indents stay.
  for (const [i, part] of block.split(/^(```[^\n]*\n[\s\S]*?^```[^\n]*$)/m).entries()) {
    if (i % 2 === 1) {
      for (const line of cleanCode(part).split("\n")) yield piece(line, "\n", false, trail.path);
      continue;
    }
    for (const line of joinHyphenated(cleanText(part)).split("\n")) {
      if (trail.markdown(line)) yield piece(line, "\n", true, trail.path);
      else yield* sentencePieces(line, trail.path);
    }
  }
}

/** A line at the margin that opens something, as `class A {` or `def f(x):` do. */
const DEFINITION =
  /^(?:export |default |async |public |private |protected |static |final |abstract |pub |unsafe )*(?:class|interface|enum|struct|trait|impl|type|function\*?|fn|func|def|module|namespace|record|object|const|let|var|sub|create)\b/i;

function* codePieces(lines: readonly string[], trail: HeadingTrail): Generator<Piece> {
  let blank = true;
  for (const line of lines) {
    const opens = DEFINITION.test(line);
    if (opens) trail.definition(line);
    if (line !== "" || !blank) {
      yield piece(line, "\n", /^\S/.test(line) && (blank || opens), trail.path);
    }
    blank = line === "";
  }
}

function* sentencePieces(text: string, heading: string | undefined): Generator<Piece> {
  let joint: Piece["joint"] = "\n";
  for (const sentence of sentencesOf(text)) {
    yield piece(sentence, joint, false, heading);
    joint = " ";
  }
}

function piece(
  text: string,
  joint: Piece["joint"],
  starts: boolean,
  heading: string | undefined,
): Piece {
  return { text, joint, starts, ...(heading === undefined ? {} : { heading }) };
}
