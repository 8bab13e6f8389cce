/**
 * Text that must stay text: one line in which nothing formats, links, previews or mentions. For
 * inner thoughts, function traces, names and file names, all of which models and people make up.
 */
import { escapeMarkdown } from "../channels/markdown.ts";

/** One escaped line; mentions and links are broken by a zero-width space, so that they stay letters. */
export function plainLine(text: string): string {
  const line = text
    .replace(/\p{Surrogate}/gu, "\ufffd")
    .replace(/[\p{Cc}\s]+/gu, " ")
    .trim();
  return escapeMarkdown(line)
    .replace(/@(?=\S)/g, "@\u200b")
    .replace(/:\/\//g, ":/\u200b/");
}
