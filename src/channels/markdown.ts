/**
 * The bot's own lines are Markdown. What people and documents are called goes into them as text:
 * it may neither format nor link, nor reach over the line.
 */
import { sourceName } from "../documents/names.ts";

/**
 * Marks that would format are escaped. An underscore within a word is not one of them, so that
 * `core_memory_append` reads as it is written.
 */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/[\\`*~|<[\]]/g, "\\$&")
    .replace(/(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g, "\\_")
    .replace(/^[>#+-]/, "\\$&");
}

/** What somebody called a file, made safe to show. */
export function fileLabel(untrusted: string): string {
  return escapeMarkdown(sourceName(untrusted));
}
