/** What `/sources` answers. Markdown. */
import { failureLines } from "../src/channels/channel-documents.ts";
import type { ListedSource } from "../src/channels/channel-sources.ts";
import { escapeMarkdown, fileLabel } from "../src/channels/markdown.ts";
import {
  type DataSource,
  documentsOf,
  type Loaded,
  type SourceDocument,
  type SourceView,
} from "../src/documents/data-sources.ts";

const LONGEST_PASSAGE = 600;
const MOST_DOCUMENTS = 50;
const MOST_REASONS = 10;
const MOST_PAGES = 20;

export function listLine({ source, agents, elsewhere }: ListedSource): string {
  const about = source.description ? `. ${escapeMarkdown(source.description)}` : "";
  return `- **${escapeMarkdown(source.name)}** (${kindOf(source)}): ${factsOf(source)}, ${usersOf(agents, elsewhere)}${about}`;
}

export function loadedText({ source, created }: Loaded): string {
  const read = documentsOf(source).filter((one) => one.error === undefined).length;
  const name = escapeMarkdown(source.name);
  const again = created ? "" : " It was loaded already.";
  return [
    `Loaded ${source.passages} passages and ${read} documents from ${name}.${again}`,
    ...failureLines(source),
    `Attach it with \`/sources attach name:${source.name.replaceAll("`", "'")}\`.`,
  ].join("\n");
}

export function showText({ source, documents, first, stale }: SourceView): string {
  const files = documents.slice(0, MOST_DOCUMENTS).map((one) => {
    const from = one.url ?? one.link;
    const size = one.error === undefined ? count(one.pages, "page") : "left out";
    const kind = one.error === undefined ? ` (${one.kind})` : "";
    const line = `- ${fileLabel(one.name)}${kind}: ${size}${from ? `, from <${from}>` : ""}`;
    return [line, ...reasonLines(one)].join("\n");
  });
  const more = documents.length - files.length;
  const passages = first.map(({ text, page }) => {
    const short = text.length > LONGEST_PASSAGE ? `${text.slice(0, LONGEST_PASSAGE)}…` : text;
    const quoted = escapeMarkdown(short.replace(/\s+/g, " ").trim());
    return `> ${page === undefined ? "" : `p. ${page}: `}${quoted}`;
  });
  return [
    `**${escapeMarkdown(source.name)}** (${kindOf(source)}): ${factsOf(source)}${source.published ? ", published" : ""}`,
    ...files,
    ...(more > 0 ? [`- and ${more} more`] : []),
    ...failureLines(source),
    ...(stale ? ["It was made with another embedder; `/sources refresh` embeds it anew."] : []),
    ...(passages.length > 0 ? ["Its first passages:", ...passages] : []),
  ].join("\n");
}

/** Pages that could not be read, by what was wrong with them. */
function reasonLines({ failures }: SourceDocument): string[] {
  const pages = new Map<string, number[]>();
  for (const { number, reason } of failures) {
    pages.set(reason, [...(pages.get(reason) ?? []), number]);
  }
  return [...pages].slice(0, MOST_REASONS).map(([reason, numbers]) => {
    const more = numbers.length > MOST_PAGES ? " …" : "";
    return `  - p. ${numbers.slice(0, MOST_PAGES).join(", ")}${more}: ${escapeMarkdown(reason)}`;
  });
}

function kindOf(source: DataSource): string {
  const files = documentsOf(source).length;
  return files > 1 ? `${files} documents` : source.kind;
}

function factsOf({ passages, pages, bytes, embedder }: DataSource): string {
  const facts = [count(passages, "passage"), count(pages, "page"), sizeText(bytes)];
  return `${facts.join(", ")}, embedded with ${escapeMarkdown(embedder)}`;
}

function usersOf(agents: readonly string[], elsewhere: number): string {
  const here = agents.length > 0 ? `attached to ${agents.join(", ")}` : "not attached here";
  return elsewhere > 0 ? `${here}, and in ${count(elsewhere, "other channel")}` : here;
}

function sizeText(bytes: number): string {
  if (bytes < 1_000) return `${bytes} bytes`;
  return bytes < 1_000_000
    ? `${Math.round(bytes / 1_000)} KB`
    : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

export function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? "" : "s"}`;
}
