import { describe, expect, it } from "vitest";
import { packRow, unpackRow } from "../../../src/adapters/keyv/packed-rows.ts";

const LINE = JSON.stringify({
  value: {
    speaker: "User_proxy",
    name: "Ada",
    text: "How does a boat sail against the wind? Ça, c'est une question 🙂, and a long one at that.",
    created_at: 1_795_349_750_307,
    person_id: "1191168935198720001",
  },
});

describe("packed rows", () => {
  it("come back as they were", () => {
    for (const text of [LINE, LINE.repeat(50), "x".repeat(100), '"\\u0000😀"'.repeat(40)]) {
      expect(unpackRow(packRow(text))).toBe(text);
    }
  });

  it("are not much more than half of a line of chat", () => {
    expect(Buffer.byteLength(packRow(LINE))).toBeLessThan(0.65 * Buffer.byteLength(LINE));
  });

  it("leave the shortest and the longest rows as text", () => {
    for (const text of ['{"value":1}', "long ".repeat(20_000)]) expect(packRow(text)).toBe(text);
  });

  it("can be read for ever: these bytes were written by the first version", () => {
    const written = Buffer.from(
      "ASM6ozqmJCLyqkd+uUJKfmqxQqJCUn5iiUJxYmaOQmJ6YmZecQnYseWZeSn2CofbE3UUktVTi0sUSvNSFcC5IzM/T+HD/JlNOmAPJSrk5OelK+TnpSokloD9pIdRDliaGptYmpsaGBuYo5YDhoaWhoZmFpbGpoaWFuZGBgYGhkq1tQA=",
      "base64",
    );
    expect(unpackRow(written)).toBe(LINE);
  });

  it("pass on what is not there, and refuse bytes that they do not know", () => {
    expect(unpackRow(undefined)).toBeUndefined();
    expect(() => unpackRow(Buffer.from([9, 1, 2, 3]))).toThrow(SyntaxError);
    expect(() => unpackRow(Buffer.from([1, 0xff, 0xff, 0xff]))).toThrow();
  });
});
