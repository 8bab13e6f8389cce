// @ts-check
/**
 * Tables (CSV, TSV) with csv-parse: each record a line, cells parted by " | ", and on each page the
 * header as its first line, so that every group of rows can be read by itself.
 */
import { parse } from "csv-parse/sync";

const PAGE = 65_536;

/**
 * @param {string} text
 * @param {string} delimiter
 * @returns {string[]} pages
 */
export function tablePages(text, delimiter) {
  /** @type {string[][]} */
  const records = parse(text, {
    ...{ delimiter, bom: true, skip_empty_lines: true },
    ...{ relax_column_count: true, relax_quotes: true },
  });
  const lines = records.map((cells) =>
    cells.map((cell) => cell.replace(/\s+/g, " ").trim()).join(" | "),
  );
  const [header = "", ...rows] = lines;
  const pages = [];
  let page = [header];
  let length = header.length;
  for (const row of rows) {
    if (page.length > 1 && length + row.length > PAGE) {
      pages.push(page.join("\n"));
      page = [header];
      length = header.length;
    }
    page.push(row);
    length += row.length + 1;
  }
  pages.push(page.join("\n"));
  return pages;
}
