/**
 * What a benchmark prints: a Markdown table with the limit, what was measured, and whether that is
 * within it. Figures without a limit are reported for orientation.
 */
import { availableParallelism, cpus, loadavg, totalmem } from "node:os";

export interface Figure {
  what: string;
  value: number;
  unit: string;
  /** Absent: reported only. */
  limit?: { most: number } | { least: number };
  /** Digits after the point. Default 1. */
  digits?: number;
}

/** Measurements of one thing before the last one counts. */
const TRIES = 3;

/**
 * Measures again, a few times, when a figure is over its limit: other programs on the machine make
 * every figure worse and none better.
 */
export async function measured<T extends { figures: readonly Figure[] }>(
  measure: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    const result = await measure();
    const over = result.figures.filter((figure) => !isWithin(figure));
    if (over.length === 0 || attempt === TRIES) return result;
    const told = over.map(({ what, value, unit }) => `${what} ${value.toFixed(2)} ${unit}`);
    process.stdout.write(`\nOver its limit: ${told.join(", ")} (load ${load()}). Once more.\n`);
  }
}

/** Prints the table and sets the exit code to 1 when a figure is over its limit. */
export function printTable(title: string, figures: readonly Figure[]): void {
  const lines = figures.map((figure) => {
    const { what, unit, limit, value, digits = 1 } = figure;
    const bound = !limit ? "" : "most" in limit ? `≤ ${limit.most}` : `≥ ${limit.least}`;
    const verdict = !limit ? "" : isWithin(figure) ? "ok" : "OVER";
    return [what, bound, value.toFixed(digits), unit, verdict];
  });
  const rows = [["measured", "limit", "value", "unit", "verdict"], ...lines];
  const widths = [0, 1, 2, 3, 4].map((i) => Math.max(...rows.map((row) => (row[i] ?? "").length)));
  const text = rows.map(
    (row) => `| ${row.map((cell, i) => pad(cell, widths[i], i)).join(" | ")} |`,
  );
  text.splice(1, 0, `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`);
  process.stdout.write(`\n## ${title}\n\n${text.join("\n")}\n`);
  if (!figures.every(isWithin)) process.exitCode = 1;
}

/** One line about where this was measured. */
export function machineLine(): string {
  const model = cpus()[0]?.model ?? "unknown processor";
  const memory = (totalmem() / 2 ** 30).toFixed(0);
  return `${availableParallelism()} × ${model}, ${memory} GiB, ${process.platform}, Node ${process.versions.node}, load ${load()} at the start`;
}

function load(): string {
  return loadavg()[0]?.toFixed(1) ?? "unknown";
}

function isWithin({ limit, value }: Figure): boolean {
  if (!limit) return true;
  return "most" in limit ? value <= limit.most : value >= limit.least;
}

function pad(cell: string, width = 0, column = 0): string {
  return column === 1 || column === 2 ? cell.padStart(width) : cell.padEnd(width);
}
