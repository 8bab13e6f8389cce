import { describe, expect, it, vi } from "vitest";
import { TimeFormat } from "../../src/memgpt/time-format.ts";

const nine = Date.UTC(2026, 0, 5, 9, 0, 0);

describe("TimeFormat", () => {
  it("writes times as MemGPT does", () => {
    expect(new TimeFormat("UTC").format(nine)).toBe("2026-01-05 09:00:00 AM UTC+0000");
  });

  it.each([
    ["Europe/Berlin", "2026-01-05 10:00:00 AM CET+0100"],
    ["America/New_York", "2026-01-05 04:00:00 AM EST-0500"],
    ["Asia/Kolkata", "2026-01-05 02:30:00 PM IST+0530"],
    ["Asia/Tokyo", "2026-01-05 06:00:00 PM GMT+0900"],
  ])("keeps zone %s", (zone, text) => {
    expect(new TimeFormat(zone).format(nine)).toBe(text);
  });

  it("writes noon and midnight as 12", () => {
    const time = new TimeFormat("UTC");
    expect(time.format(Date.UTC(2026, 0, 5, 12, 5))).toContain("12:05:00 PM");
    expect(time.format(Date.UTC(2026, 0, 5, 0, 5))).toContain("12:05:00 AM");
  });

  it("changes name and offset with daylight saving time", () => {
    const time = new TimeFormat("Europe/Berlin");
    expect(time.format(Date.UTC(2026, 6, 1, 12))).toBe("2026-07-01 02:00:00 PM CEST+0200");
    expect(time.format(nine)).toContain("CET+0100");
  });

  it("knows where a day begins and ends in its zone, also when the clocks change", () => {
    expect(new TimeFormat("America/New_York").day("2026-01-05")).toEqual([
      Date.UTC(2026, 0, 5, 5),
      Date.UTC(2026, 0, 6, 5),
    ]);
    const [start, end] = new TimeFormat("Europe/Berlin").day("2026-03-29") ?? [0, 0];
    expect(end - start).toBe(23 * 3_600_000);
  });

  it.each(["2026-02-30", "2026-1-5", "yesterday", "2026-13-01", ""])(
    "takes %j for no day",
    (text) => {
      expect(new TimeFormat("UTC").day(text)).toBeUndefined();
    },
  );

  it("makes one formatter of a zone, however many agents there are", () => {
    let parts = 0;
    class Counting extends Intl.DateTimeFormat {
      constructor(...[locale, options]: ConstructorParameters<typeof Intl.DateTimeFormat>) {
        super(locale, options);
        if (options?.year !== undefined) parts += 1;
      }
    }
    vi.stubGlobal("Intl", { DateTimeFormat: Counting });
    const texts = Array.from({ length: 50 }, () => new TimeFormat("Pacific/Chatham").format(nine));
    vi.unstubAllGlobals();
    expect(parts).toBe(1);
    expect(new Set(texts)).toEqual(new Set(["2026-01-05 10:45:00 PM GMT+1345"]));
  });

  it("names a time zone that does not exist", () => {
    expect(() => new TimeFormat("Mars/Base")).toThrow('There is no time zone "Mars/Base".');
  });
});
