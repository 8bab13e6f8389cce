/**
 * Lines of a memory block that say the same: equal but for case, white space, sentence ends, list marks
 * and articles. Nothing cleverer, since a fact that is dropped wrongly is lost: words keep their
 * forms, signs and question marks count, and the same line under two headings stands for two facts.
 */

const ITEM = /^\s*(?:[-*•–]|\d+[.)])\s+/;
const ARTICLES: ReadonlySet<string> = new Set(["a", "an", "the"]);

/** The text without its later duplicates; the same text when there are none. */
export function mergeDuplicateLines(text: string): string {
  const lines = text.split("\n");
  let seen = new Set<string>();
  const kept = lines.filter((line, i) => {
    if (beginsSection(line, lines[i + 1])) {
      seen = new Set();
      return true;
    }
    const key = keyOf(line);
    if (key === "") return true;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
  return kept.length === lines.length ? text : kept.join("\n");
}

function beginsSection(line: string, next: string | undefined): boolean {
  const text = line.trim();
  if (!/[\p{L}\p{N}]/u.test(text) || text.endsWith(":") || text.startsWith("#")) return true;
  return next !== undefined && ITEM.test(next) && !ITEM.test(line);
}

function keyOf(line: string): string {
  return line
    .normalize("NFKC")
    .toLowerCase()
    .replace(ITEM, "")
    .split(/\s+/)
    .map((word) => word.replace(/^["'“”‘’(]+|["'“”‘’).,;:!]+$/gu, ""))
    .filter((word) => word !== "" && !ARTICLES.has(word))
    .join(" ");
}
