/** Conversations with annotated questions, read from JSON files for `bench/recall.ts`. */
import { readFileSync } from "node:fs";
import { z } from "zod";

export interface Turn {
  id: string;
  speaker: string;
  text: string;
  /** Milliseconds since the epoch; turns of one session a minute apart. */
  created_at: number;
}

export interface Conversation {
  turns: Turn[];
  /** Each with at least one evidence that is a turn. */
  questions: { text: string; evidence: string[] }[];
}

const FILE = z.object({
  turns: z.array(
    z.object({
      id: z.coerce.string(),
      speaker: z.string(),
      date: z.union([z.string(), z.number()]).nullish(),
      text: z.string(),
    }),
  ),
  questions: z.array(
    z.object({ text: z.string(), evidence: z.array(z.coerce.string()).nullish() }),
  ),
});

const MINUTE = 60_000;
const DAY_ONLY = /^\d{4}-\d{2}-\d{2}$/;

/** Throws for a file of another shape. Evidence that is no turn is passed over. */
export function readConversation(path: string): Conversation {
  const file = FILE.parse(JSON.parse(readFileSync(path, "utf8")));
  let last = 0;
  const turns = file.turns.map(({ id, speaker, text, date }) => {
    const stated = timeOf(date);
    // The log is in order: turns with one date, or none, follow each other.
    last = stated !== undefined && stated > last ? stated : last + MINUTE;
    return { id, speaker, text, created_at: last };
  });
  const ids = new Set(turns.map((turn) => turn.id));
  const questions = file.questions
    .map(({ text, evidence }) => ({
      text,
      evidence: [...new Set(evidence ?? [])].filter((id) => ids.has(id)),
    }))
    .filter(({ evidence }) => evidence.length > 0);
  return { turns, questions };
}

/** ISO, milliseconds, or "1:56 pm on 8 May, 2023"; undefined for what cannot be read. */
export function timeOf(date: string | number | null | undefined): number | undefined {
  if (date === null || date === undefined) return undefined;
  if (typeof date === "number") return date < 1e11 ? date * 1000 : date;
  const said = /^(\d{1,2}):(\d{2})\s*([ap])\.?m\.?,?\s+(?:on\s+)?(.+)$/i.exec(date.trim());
  if (!said) {
    const iso = DAY_ONLY.test(date.trim()) ? `${date.trim()}T12:00:00Z` : date;
    const parsed = Date.parse(/(?:Z|[+-]\d\d:?\d\d|GMT|UTC)$/i.test(iso) ? iso : `${iso} UTC`);
    return Number.isNaN(parsed) ? parsedPlain(iso) : parsed;
  }
  const [, hour, minute, half, day = ""] = said;
  const start = Date.parse(`${day.replace(/,/g, " ").replace(/(\d)(?:st|nd|rd|th)\b/g, "$1")} UTC`);
  if (Number.isNaN(start)) return undefined;
  const hours = (Number(hour) % 12) + (half?.toLowerCase() === "p" ? 12 : 0);
  return start + (hours * 60 + Number(minute)) * MINUTE;
}

function parsedPlain(text: string): number | undefined {
  const parsed = Date.parse(text.includes("T") ? `${text}Z` : text);
  return Number.isNaN(parsed) ? undefined : parsed;
}
