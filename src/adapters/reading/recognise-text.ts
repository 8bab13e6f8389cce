/**
 * What kind of text some text is: a web page, data, a table, Markdown, source code, or prose. Goes by
 * what its first lines look like; a name only lowers the doubt. Decides only; reads nothing.
 */

export type TextKind =
  | { kind: "html" | "json" | "markdown" | "code" | "text" }
  | { kind: "csv"; delimiter: string };

/** Characters looked at. */
const HEAD = 16_384;

export function recogniseText(name: string, text: string): TextKind {
  const head = text.slice(0, HEAD);
  if (isHtml(head)) return { kind: "html" };
  if (isJson(text)) return { kind: "json" };
  const extension = /\.([a-z0-9+]{1,10})$/i.exec(name)?.[1]?.toLowerCase() ?? "";
  const delimiter = tableDelimiter(head, extension, text.length > HEAD);
  if (delimiter) return { kind: "csv", delimiter };
  if (isCode(head, extension)) return { kind: "code" };
  return { kind: isMarkdown(name, text) ? "markdown" : "text" };
}

function isHtml(head: string): boolean {
  const start = head.replace(
    /^\uFEFF?\s*(?:<\?xml[^>]{0,200}\?>)?\s*(?:<!--[\s\S]{0,2000}?-->\s*)*/,
    "",
  );
  if (/^<!doctype html|^<html[\s>]/i.test(start)) return true;
  const tags = start.match(/<(?:p|div|body|head|h[1-6]|table|ul|ol|br|span|a|title|meta)[\s/>]/gi);
  return start.startsWith("<") && (tags?.length ?? 0) >= 3;
}

/** Brackets at both ends, and a value in the first line where there are many. */
function isJson(text: string): boolean {
  const start = /^\uFEFF?\s*([{[])\s*(["{[\]}\d\-tfn])/.exec(text);
  if (!start) return false;
  const last = /([}\]])\s*$/.exec(text.slice(-200))?.[1];
  // A citation or a Markdown link in brackets is no data.
  return last !== undefined && (start[1] !== "[" || !/^\s*\[\d+\]/.test(text.slice(0, 40)));
}

const DELIMITERS = ["\t", ",", ";", "|"];
/** Names that say "table"; of them fewer rows are believed. */
const TABLE_NAMES: ReadonlySet<string> = new Set(["csv", "tsv", "tab", "psv"]);

/** The delimiter that parts each of the first lines into equally many cells, at least two. */
function tableDelimiter(head: string, extension: string, cut: boolean): string | undefined {
  const named = TABLE_NAMES.has(extension);
  // Quoted cells may hold line ends and delimiters.
  const lines = head
    .replace(/"(?:[^"]|"")*"/g, "x")
    .split(/\r?\n/)
    .slice(0, 100);
  if (cut && lines.length > 1) lines.pop();
  const rows = lines.filter((line) => line.trim() !== "");
  if (rows.length < (named ? 1 : 3)) return undefined;
  for (const delimiter of DELIMITERS) {
    const counts = rows.map((row) => row.split(delimiter).length);
    const [first = 0] = counts;
    const even = counts.filter((count) => count === first).length;
    if (first < 2 || even < rows.length * (named ? 0.5 : 1)) continue;
    if (named || !looksLikeProse(rows, delimiter)) return delimiter;
  }
  return undefined;
}

/** Commas in sentences are followed by spaces; a pipe table is Markdown. */
function looksLikeProse(rows: readonly string[], delimiter: string): boolean {
  if (delimiter === "|") return rows.some((row) => /^\s*\|?[\s:|-]+\|?\s*$/.test(row));
  if (delimiter === "\t") return false;
  const spaced = rows.filter((row) => row.includes(`${delimiter} `)).length;
  return spaced > rows.length / 3 || rows.some((row) => /[.!?;{}]\s*$/.test(row));
}

const CODE_NAMES: ReadonlySet<string> = new Set(
  "ts tsx mts cts js jsx mjs cjs py pyi rb go rs java kt kts scala c h cc cpp cxx hpp cs swift m mm php pl pm lua r jl sh bash zsh fish ps1 sql hs ml ex exs erl clj dart zig nim vue svelte css scss less proto graphql tf".split(
    " ",
  ),
);
const CODE_LINE =
  /[;{}]\s*(?:\/\/.*)?$|^\s*(?:\/\/|\/\*|\*\/|#include|#!|@\w+|(?:export|import|from|def|class|fn|func|function|const|let|var|return|if|elif|else|for|while|try|except|catch|public|private|protected|static|struct|interface|type|impl|use|package|module|namespace|with|async|await|raise|throw|end)\b.*(?:[:;{}()=]|\bdo|\bthen)\s*\S{0,20}$|[\w.[\]'"]+(?:: ?[\w.[\]<>| ]+)? (?:=|\+=|:=|=>|->) \S|(?:import|from|using|require|package|use) [\w.*{}'"/:-]+;?$|\w+(?:\.\w+)*\(.*\)$)/;

function isCode(head: string, extension: string): boolean {
  if (/^#!\s*\//.test(head)) return true;
  const lines = head
    .split("\n")
    .slice(0, 300)
    .map((line) => line.slice(0, 300))
    .filter((line) => line.trim() !== "");
  if (lines.length === 0) return false;
  const share = lines.filter((line) => CODE_LINE.test(line)).length / lines.length;
  return share > (CODE_NAMES.has(extension) ? 0.15 : 0.5) && lines.length >= 2;
}

/** Whether a text is Markdown: by its name, or by headings and other marks in its first lines. */
export function isMarkdown(name: string, text: string): boolean {
  if (/\.(?:md|markdown|mdown)$/i.test(name)) return true;
  const head = text.slice(0, HEAD);
  const headings = head.match(/^#{1,6} \S/gm)?.length ?? 0;
  const marks = head.match(/^(?:```|> \S|[-*] \S)|\]\(\S{1,200}\)|\*\*\S/gm)?.length ?? 0;
  return headings >= 2 || (headings === 1 && marks >= 2);
}
