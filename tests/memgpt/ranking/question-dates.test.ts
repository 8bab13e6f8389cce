import { describe, expect, it } from "vitest";
import { calendarOf } from "../../../src/memgpt/ranking/calendar.ts";
import { timesNamed } from "../../../src/memgpt/ranking/question-dates.ts";
import { TimeFormat } from "../../../src/memgpt/time-format.ts";

// A Wednesday.
const NOW = Date.UTC(2026, 5, 10, 15);

function days(text: string, zone = "UTC", now = NOW): string[] {
  const iso = (ms: number): string => new Date(ms).toISOString().slice(0, 16).replace("T00:00", "");
  return timesNamed(text, now, calendarOf(new TimeFormat(zone))).map(
    ({ start, end }) => `${iso(start)} ${iso(end)}`,
  );
}

describe("times named in a question", () => {
  it.each([
    ["What happened on 2026-05-08?", "2026-05-08 2026-05-09"],
    ["What did Ada say on 8 May, 2023?", "2023-05-08 2023-05-09"],
    ["What did Ada say on the 8th of May?", "2026-05-08 2026-05-09"],
    ["What did Ada say on May 8th, 2023?", "2023-05-08 2023-05-09"],
    ["What did Ada say in May?", "2026-05-01 2026-06-01"],
    ["What did Ada say in August?", "2025-08-01 2025-09-01"],
    ["Where was Ada in Oct 2024", "2024-10-01 2024-11-01"],
    ["What did Ada do in the summer of 2022?", "2022-06-01 2022-09-01"],
    ["What did Ada do in 2022?", "2022-01-01 2023-01-01"],
    ["What did Ada say yesterday?", "2026-06-09 2026-06-10"],
    ["What did Ada say last week?", "2026-06-01 2026-06-08"],
    ["What did Ada say this week?", "2026-06-08 2026-06-15"],
    ["What did we do last weekend?", "2026-06-05 2026-06-08"],
    ["What did Ada say last month?", "2026-05-01 2026-06-01"],
    ["What did Ada say last year?", "2025-01-01 2026-01-01"],
    ["Who came last Monday?", "2026-06-08 2026-06-09"],
    ["Who came last Wednesday?", "2026-06-03 2026-06-04"],
    ["Who came three days ago?", "2026-06-07 2026-06-08"],
    ["Who came 2 weeks ago?", "2026-05-24 2026-05-31"],
  ])("%s", (text, range) => {
    expect(days(text)).toEqual([range]);
  });

  it("takes may for a verb, and numbers for numbers", () => {
    expect(days("What may Ada like? Did they march or fall in with 400?")).toEqual([]);
  });

  it("counts days in the zone of the place", () => {
    expect(days("yesterday", "Asia/Tokyo")).toEqual(["2026-06-09T15:00 2026-06-10T15:00"]);
  });

  it("knows the weekday far east of Greenwich", () => {
    const now = Date.UTC(2026, 5, 9, 13);
    expect(days("last Monday", "Pacific/Kiritimati", now)).toEqual([
      "2026-06-07T10:00 2026-06-08T10:00",
    ]);
  });

  it("stands absurd dates", () => {
    expect(days("on 2026-99-99, 45 May 0000 and 9999 years ago").length).toBeLessThan(5);
  });
});
