import { describe, expect, it } from "vitest";
import { timeOf } from "../../bench/recall-conversation.ts";

describe("dates of conversations", () => {
  it.each([
    ["1:56 pm on 8 May, 2023", "2023-05-08T13:56:00.000Z"],
    ["12:09 am on 13 September, 2023", "2023-09-13T00:09:00.000Z"],
    ["12:30 pm on 1 January, 2023", "2023-01-01T12:30:00.000Z"],
    ["2023-05-08T13:56:00Z", "2023-05-08T13:56:00.000Z"],
    ["2023-05-08T13:56:00", "2023-05-08T13:56:00.000Z"],
    ["2023-05-08T13:56:00+02:00", "2023-05-08T11:56:00.000Z"],
    ["2023-05-08 13:56", "2023-05-08T13:56:00.000Z"],
    ["2023-05-08", "2023-05-08T12:00:00.000Z"],
    ["8 May 2023", "2023-05-08T00:00:00.000Z"],
  ])("%s", (text, iso) => {
    expect(new Date(timeOf(text) ?? 0).toISOString()).toBe(iso);
  });

  it("may be missing or unreadable", () => {
    expect(timeOf(undefined)).toBeUndefined();
    expect(timeOf("sometime")).toBeUndefined();
  });
});
