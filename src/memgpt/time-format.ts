/**
 * Times as MemGPT writes them for models: `%Y-%m-%d %I:%M:%S %p %Z%z` in one time zone, and the
 * way back from a calendar day to milliseconds. Reads no clock.
 */
import { ColloquyError } from "../shared/errors.ts";

/** Locales whose `short` zone names are real abbreviations (EST, CET, AEST, IST) for their region. */
const ABBREVIATING_LOCALES = ["en-US", "en-GB", "en-AU", "en-IN"];
const MINUTE = 60_000;

/** What is the same for all agents of a zone: a formatter takes some 20 kB. */
interface Zone {
  parts: Intl.DateTimeFormat;
  /** By the offset from UTC in minutes. */
  abbreviations: Map<number, string>;
}

/** Filled on first use; as many entries as the process has zones. */
const zones = new Map<string | undefined, Zone>();

export class TimeFormat {
  readonly #zone: string | undefined;
  readonly #parts: Intl.DateTimeFormat;
  readonly #abbreviations: Map<number, string>;
  /** Within one step the same second is asked for many times. */
  #last = { second: Number.NaN, text: "" };

  /** Without a zone: the host's. Throws `time_zone_unknown` for a name that Intl does not know. */
  constructor(timeZone?: string) {
    this.#zone = timeZone;
    const { parts, abbreviations } = zoneOf(timeZone);
    this.#parts = parts;
    this.#abbreviations = abbreviations;
  }

  /** E.g. `2026-01-05 09:00:00 AM UTC+0000`. */
  format(ms: number): string {
    const second = Math.floor(ms / 1000);
    if (second !== this.#last.second) this.#last = { second, text: this.#render(ms) };
    return this.#last.text;
  }

  #render(ms: number): string {
    const local = this.#localAsUtc(ms);
    const at = new Date(local);
    const offset = Math.round((local - ms) / MINUTE);
    const hour = at.getUTCHours();
    const date = `${pad(at.getUTCFullYear(), 4)}-${pad(at.getUTCMonth() + 1)}-${pad(at.getUTCDate())}`;
    const time = `${pad(hour % 12 || 12)}:${pad(at.getUTCMinutes())}:${pad(at.getUTCSeconds())}`;
    return `${date} ${time} ${hour < 12 ? "AM" : "PM"} ${this.#abbreviation(ms, offset)}${signed(offset)}`;
  }

  /**
   * A `YYYY-MM-DD` day in this zone as [first millisecond, first millisecond of the next day);
   * undefined when the text is no such day.
   */
  day(text: string): readonly [start: number, end: number] | undefined {
    const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text.trim());
    if (!match) return undefined;
    const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
    const utc = Date.UTC(year, month - 1, day);
    const parsed = new Date(utc);
    if (parsed.getUTCMonth() !== month - 1 || parsed.getUTCDate() !== day) return undefined;
    return [this.#fromLocal(utc), this.#fromLocal(Date.UTC(year, month - 1, day + 1))];
  }

  /** The instant whose wall time reads `local`; two rounds settle the change to or from DST. */
  #fromLocal(local: number): number {
    const guess = local - (this.#localAsUtc(local) - local);
    return local - (this.#localAsUtc(guess) - guess);
  }

  /** The wall time at `ms`, written as if it were UTC, to the second. */
  #localAsUtc(ms: number): number {
    const values = new Map<string, number>();
    for (const part of this.#parts.formatToParts(ms)) values.set(part.type, Number(part.value));
    const of = (type: string): number => values.get(type) ?? 0;
    return Date.UTC(
      of("year"),
      of("month") - 1,
      of("day"),
      of("hour"),
      of("minute"),
      of("second"),
      ((ms % 1000) + 1000) % 1000,
    );
  }

  #abbreviation(ms: number, offset: number): string {
    const known = this.#abbreviations.get(offset);
    if (known !== undefined) return known;
    const names = ABBREVIATING_LOCALES.map((locale) => this.#zoneName(locale, ms));
    const name = names.find((n) => !/^(GMT|UTC)[+-]/.test(n)) ?? "GMT";
    this.#abbreviations.set(offset, name);
    return name;
  }

  #zoneName(locale: string, ms: number): string {
    const format = new Intl.DateTimeFormat(locale, {
      ...zoneOption(this.#zone),
      timeZoneName: "short",
    });
    return format.formatToParts(ms).find((part) => part.type === "timeZoneName")?.value ?? "GMT";
  }
}

function zoneOf(timeZone: string | undefined): Zone {
  const known = zones.get(timeZone);
  if (known) return known;
  const zone = { parts: partsIn(timeZone), abbreviations: new Map<number, string>() };
  zones.set(timeZone, zone);
  return zone;
}

function partsIn(timeZone: string | undefined): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat("en-US", {
      ...zoneOption(timeZone),
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  } catch (cause) {
    throw new ColloquyError("time_zone_unknown", `There is no time zone "${timeZone}".`, {
      next: 'Use an IANA name such as "Europe/Berlin".',
      cause,
    });
  }
}

function zoneOption(timeZone: string | undefined): { timeZone?: string } {
  return timeZone === undefined ? {} : { timeZone };
}

function pad(value: number, width = 2): string {
  return String(value).padStart(width, "0");
}

/** Minutes east of Greenwich as `+hhmm`. */
function signed(offset: number): string {
  const minutes = Math.abs(offset);
  return `${offset < 0 ? "-" : "+"}${pad(Math.floor(minutes / 60))}${pad(minutes % 60)}`;
}
