import { expect, test } from "vitest";
import { type Read, readAll } from "../../bench/odd-files-run.ts";
import { DocumentError } from "../../src/documents/ports.ts";

const files = ["good", "torn", "locked", "crashing", "buggy"].map((name) => ({
  name,
  bytes: () => new TextEncoder().encode(name),
}));

const read: Read = async ({ bytes }) => {
  switch (new TextDecoder().decode(bytes)) {
    case "torn":
      return { failures: [{ number: 7, reason: "Bad page 7" }] };
    case "locked":
      throw new DocumentError("document_encrypted", "This PDF is locked with a password.");
    case "crashing":
      throw new DocumentError("document_corrupt", "Reading this PDF crashed the reader.");
    case "buggy":
      throw new TypeError("x is not a function");
    default:
      return { failures: [] };
  }
};

test("odd files: a sentence is an answer; a crash and a program's own error are faults", async () => {
  const { outcomes, faults, times, memory } = await readAll(files, read, () => undefined);
  expect(Object.fromEntries(outcomes)).toEqual({
    read: 1,
    "read in part: Bad page n": 1,
    "document_encrypted: This PDF is locked with a password.": 1,
    "document_corrupt: Reading this PDF crashed the reader. (FAULT)": 1,
    "fails: TypeError: x is not a function (FAULT)": 1,
  });
  expect(faults).toEqual([
    "crashing: document_corrupt: Reading this PDF crashed the reader.",
    "buggy: fails: TypeError: x is not a function",
  ]);
  expect(times.map(({ name }) => name)).toEqual(files.map(({ name }) => name));
  expect(memory).toHaveLength(10);
});
