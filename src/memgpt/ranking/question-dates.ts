/**
 * Times that a question names ("in May 2023", "on the 8th of June", "last week", "3 days ago") as
 * ranges of milliseconds. "Now" is whatever the caller says; no clock is read.
 */

export interface TimeRange {
  /** Milliseconds since the epoch, inclusive. */
  start: number;
  /** Exclusive. */
  end: number;
}

export interface Calendar {
  /** Local calendar day of an instant. */
  dayOf(ms: number): CalendarDay;
  /** First millisecond of a local day; months and days may overflow, as in `Date.UTC`. */
  startOf(day: CalendarDay): number;
}

export interface CalendarDay {
  year: number;
  /** From 1. */
  month: number;
  day: number;
}

const MONTHS = [
  "january",
  "february",
  "march",
  "april",
  "may",
  "june",
  "july",
  "august",
  "september",
  "october",
  "november",
  "december",
];
const WEEKDAYS = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];
const SEASONS = new Map([
  ["spring", 3],
  ["summer", 6],
  ["autumn", 9],
  ["fall", 9],
  ["winter", 12],
]);
const MONTH =
  "(january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\\.?";
const DAY_MONTH = new RegExp(
  `\\b(\\d{1,2})(?:st|nd|rd|th)?(?: of)? ${MONTH}(?:,? (\\d{4}))?\\b`,
  "g",
);
const MONTH_DAY = new RegExp(`\\b${MONTH} (\\d{1,2})(?:st|nd|rd|th)?\\b(?:,? (\\d{4}))?`, "g");
// "may" is a verb more often than a month, unless a year or a preposition goes with it.
const MONTH_ONLY = new RegExp(
  `\\b(?:(?:in|during|of|since|around|late|early|mid|by|last|this|end of) ${MONTH}(?:,? (?:of )?(\\d{4}))?|${MONTH},? (\\d{4}))\\b`,
  "g",
);
const ISO = /\b(\d{4})-(\d{2})-(\d{2})\b/g;
const SEASON =
  /\b(in|during|since|last|this|of)? ?(?:the )?(spring|summer|autumn|fall|winter)(?:(?: of|,)? (\d{4}))?\b/g;
const YEAR = /\b(?:in|during) (\d{4})\b/g;
const AGO =
  /\b(\d{1,3}|an?|one|two|three|four|five|six|seven|eight|nine|ten|a few|a couple of) (day|week|month|year)s? ago\b/g;
const LAST =
  /\b(last|this|past) (week|weekend|month|year|sunday|monday|tuesday|wednesday|thursday|friday|saturday|night)\b/g;
const NEAR = /\b(yesterday|today|tonight|this morning)\b/g;
const COUNTS = new Map([
  ["a", 1],
  ["an", 1],
  ["one", 1],
  ["two", 2],
  ["three", 3],
  ["four", 4],
  ["five", 5],
  ["six", 6],
  ["seven", 7],
  ["eight", 8],
  ["nine", 9],
  ["ten", 10],
  ["a couple of", 2],
  ["a few", 3],
]);
const DAY = 86_400_000;

/** The ranges that a text names, none when it names no time. Relative ones count from `now`. */
export function timesNamed(text: string, now: number, calendar: Calendar): TimeRange[] {
  const lower = text.toLowerCase();
  const today = calendar.dayOf(now);
  const ranges: TimeRange[] = [];
  const add = (from: CalendarDay, to: CalendarDay): void => {
    ranges.push({ start: calendar.startOf(from), end: calendar.startOf(to) });
  };
  const days = ({ year, month, day }: CalendarDay, first: number, count = 1): void =>
    add({ year, month, day: day + first }, { year, month, day: day + first + count });
  const months = (year: number, month: number, count = 1): void =>
    add({ year, month, day: 1 }, { year, month: month + count, day: 1 });
  /** The year of a month without one: the latest that has begun. */
  const yearFor = (month: number): number => (month > today.month ? today.year - 1 : today.year);

  for (const [, year, month, day] of lower.matchAll(ISO)) {
    days({ year: Number(year), month: Number(month), day: Number(day) }, 0);
  }
  for (const [, day, name, year] of lower.matchAll(DAY_MONTH)) {
    const month = monthNumber(name);
    days({ year: year ? Number(year) : yearFor(month), month, day: Number(day) }, 0);
  }
  for (const [, name, day, year] of lower.matchAll(MONTH_DAY)) {
    const month = monthNumber(name);
    days({ year: year ? Number(year) : yearFor(month), month, day: Number(day) }, 0);
  }
  if (ranges.length > 0) return ranges;
  for (const [, first, firstYear, second, secondYear] of lower.matchAll(MONTH_ONLY)) {
    const month = monthNumber(first ?? second);
    const year = firstYear ?? secondYear;
    months(year ? Number(year) : yearFor(month), month);
  }
  for (const [, before, season = "", year] of lower.matchAll(SEASON)) {
    const month = SEASONS.get(season) ?? 1;
    if (before || year) months(year ? Number(year) : yearFor(month), month, 3);
  }
  if (ranges.length > 0) return ranges;
  for (const [, year] of lower.matchAll(YEAR)) months(Number(year), 1, 12);
  for (const [, count, unit] of lower.matchAll(AGO)) {
    const n = COUNTS.get(count ?? "") ?? Number(count);
    if (unit === "day") days(today, -n);
    if (unit === "week") days(today, -7 * n - 3, 7);
    if (unit === "month") days(today, -30 * n - 15, 30);
    if (unit === "year") months(today.year - n, 1, 12);
  }
  // The first of January 1970 was a Thursday.
  const weekday = (Date.UTC(today.year, today.month - 1, today.day) / DAY + 4) % 7;
  for (const [, which, unit = ""] of lower.matchAll(LAST)) {
    const back = which === "last" || which === "past" ? 1 : 0;
    const sinceMonday = (weekday + 6) % 7;
    if (unit === "week") days(today, -sinceMonday - 7 * back, 7);
    else if (unit === "weekend") days(today, -sinceMonday - 7 * back + 4, 3);
    else if (unit === "month") months(today.year, today.month - back);
    else if (unit === "year") months(today.year - back, 1, 12);
    else if (unit === "night") days(today, -1);
    else days(today, -((weekday - WEEKDAYS.indexOf(unit) + 6) % 7) - 1);
  }
  for (const [, word] of lower.matchAll(NEAR)) days(today, word === "yesterday" ? -1 : 0);
  return ranges;
}

function monthNumber(name: string | undefined): number {
  return MONTHS.findIndex((month) => month.startsWith((name ?? "").slice(0, 3))) + 1;
}
