/** Dates as exports of conversations write them. */

const MINUTE = 60_000;
const MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split(" ");
const YEAR_FIRST = /\b(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})\b/;
const DOTTED = /\b(\d{1,2})\.(\d{1,2})\.(\d{4})\b/;
const DAY_MONTH = /\b(\d{1,2})(?:st|nd|rd|th)?(?: of)?[ -]+([a-z]{3})[a-z]*\.?,?[ -]+(\d{4})\b/i;
const MONTH_DAY = /\b([a-z]{3})[a-z]*\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})\b/i;
const CLOCK = /\b(\d{1,2}):(\d{2})(?::(\d{2}))?\s*(?:([ap])\.?m\b)?/i;
const ISO_TIME = /^\d{4}-\d{2}-\d{2}T[\d:.]+(Z|[+-]\d\d:?\d\d)?$/i;

/**
 * Milliseconds since the epoch, in UTC where no zone is given: of ISO, "1:56 pm on 8 May, 2023",
 * "2023/05/08 (Mon) 13:56", "May 8, 2023", "8.5.2023", seconds or milliseconds. A day alone is its
 * noon. undefined for what is missing or cannot be read.
 */
export function timeOf(date: string | number | null | undefined): number | undefined {
  if (date === null || date === undefined) return undefined;
  if (typeof date === "number") return known(Math.abs(date) < 1e11 ? date * 1000 : date);
  const text = date.trim();
  if (/^\d{9,13}$/.test(text)) return timeOf(Number(text));
  const iso = ISO_TIME.exec(text);
  if (iso) return known(Date.parse(iso[1] ? text : `${text}Z`));
  const day = dayIn(text);
  if (day === undefined) return known(Date.parse(`${text} UTC`));
  const clock = CLOCK.exec(text);
  if (!clock) return day + 12 * 60 * MINUTE;
  const [, hour, minute, second, half] = clock;
  const hours = half ? (Number(hour) % 12) + (half.toLowerCase() === "p" ? 12 : 0) : Number(hour);
  return day + (hours * 60 + Number(minute)) * MINUTE + Number(second ?? 0) * 1000;
}

/** Midnight of the day that stands in the text. */
function dayIn(text: string): number | undefined {
  const yearFirst = YEAR_FIRST.exec(text);
  if (yearFirst) return midnight(yearFirst[1], Number(yearFirst[2]), yearFirst[3]);
  const dotted = DOTTED.exec(text);
  if (dotted) return midnight(dotted[3], Number(dotted[2]), dotted[1]);
  const dayMonth = DAY_MONTH.exec(text);
  if (dayMonth) return midnight(dayMonth[3], monthOf(dayMonth[2]), dayMonth[1]);
  const monthDay = MONTH_DAY.exec(text);
  if (monthDay) return midnight(monthDay[3], monthOf(monthDay[1]), monthDay[2]);
  return undefined;
}

/** From 1; 0 for what is no month. */
function monthOf(name = ""): number {
  return MONTHS.indexOf(name.toLowerCase()) + 1;
}

function midnight(year: string | undefined, month: number, day: string | undefined) {
  const valid = month >= 1 && month <= 12 && Number(day) >= 1 && Number(day) <= 31;
  return valid ? Date.UTC(Number(year), month - 1, Number(day)) : undefined;
}

/** undefined for what no calendar reaches. */
function known(time: number): number | undefined {
  return Number.isNaN(new Date(time).getTime()) ? undefined : time;
}
