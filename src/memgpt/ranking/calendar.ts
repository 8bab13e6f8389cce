/** The calendar of a `TimeFormat`'s zone, as `timesNamed` asks for it. */
import type { TimeFormat } from "../time-format.ts";
import type { Calendar, CalendarDay } from "./question-dates.ts";

export function calendarOf(time: TimeFormat): Calendar {
  return {
    dayOf: (ms) => {
      const [year = 1970, month = 1, day = 1] = time.format(ms).slice(0, 10).split("-").map(Number);
      return { year, month, day };
    },
    startOf: ({ year, month, day }: CalendarDay) => {
      const iso = new Date(Date.UTC(year, month - 1, day)).toISOString().slice(0, 10);
      return time.day(iso)?.[0] ?? Number.NaN;
    },
  };
}
