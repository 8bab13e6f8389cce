import { expect, it } from "vitest";
import { LineLogger, type LogLevel } from "../../../src/adapters/system/line-logger.ts";
import { createRedactor } from "../../../src/adapters/system/redaction.ts";
import { StoreError } from "../../../src/shared/errors.ts";

const SECRET = 'hunter2 "quoted" \\ secret';

function logger(level: LogLevel = "debug", secrets: string[] = [SECRET]) {
  const lines: string[] = [];
  const now = (): number => Date.UTC(2026, 0, 5, 9, 0, 0);
  const redact = createRedactor(secrets);
  return { lines, log: new LineLogger({ level, redact, now, write: (line) => lines.push(line) }) };
}

it("writes time, level, message and fields on one line", () => {
  const { lines, log } = logger();
  log.info("turn ended", { channel: "42", took_ms: 12.5, why: "it was done", nothing: undefined });
  expect(lines).toEqual([
    '2026-01-05T09:00:00.000Z info  turn ended channel=42 took_ms=12.5 why="it was done"',
  ]);
});

it("drops lines below its level", () => {
  const { lines, log } = logger("warn");
  log.debug("a");
  log.info("b");
  log.warn("c");
  log.error("d");
  expect(lines.map((line) => line.split(/\s+/)[1])).toEqual(["warn", "error"]);
});

it("puts a child's fields on every line, and the line's own last", () => {
  const { lines, log } = logger();
  log.child({ channel: "1" }).child({ turn: 2 }).error("failed", { channel: "3" });
  expect(lines[0]).toMatch(/error failed channel=3 turn=2$/);
});

it("lets nobody forge a line, a field's end or hide text", () => {
  const { lines, log } = logger();
  log.info("name\nX info forged\u2028", {
    name: 'a\r\nb" level=error',
    odd: "\u202egnp.exe\u0007",
  });
  expect(lines).toHaveLength(1);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: none may be left
  expect(lines[0]).not.toMatch(/[\u0000-\u001f\u2028\u202e]/);
  expect(lines[0]).toContain('name="a\\r\\nb\\" level=error"');
});

it("writes an error with its code, reason and causes", () => {
  const { lines, log } = logger();
  const root = Object.assign(new Error("database is locked"), { code: "SQLITE_BUSY" });
  const error = new StoreError("store_locked", "Not saved.", {
    why: "Somebody else.",
    cause: root,
  });
  log.error("save failed", { error });
  expect(lines[0]).toContain(
    "StoreError(store_locked): Not saved. (Somebody else.) <- Error(SQLITE_BUSY): database is locked",
  );
});

it("takes secrets out of messages, fields, nested values, errors and their causes", () => {
  const { lines, log } = logger();
  const cause = new Error(`refused: ${SECRET}`);
  const error = new Error(`bad ${SECRET}`, { cause });
  log.error(`said ${SECRET}`, {
    field: SECRET,
    nested: { list: [{ deep: `x${SECRET}x` }], map: new Map([["k", SECRET]]), error },
    error,
  });
  expect(lines[0]).not.toContain("hunter2");
  expect(lines[0]?.match(/\[redacted\]/g)?.length).toBeGreaterThanOrEqual(6);
});

it("survives values that cannot be printed", () => {
  const { lines, log } = logger();
  const circle: { self?: unknown } = {};
  circle.self = circle;
  const angry = {
    toJSON() {
      throw new Error("no");
    },
  };
  log.info("odd", { circle, angry, big: 10n, symbol: Symbol("s"), call: () => 1, none: null });
  expect(lines[0]).toContain('circle={"self":"(circular)"} angry=(not printable) big=10');
});

it("prints an object that occurs twice side by side", () => {
  const { lines, log } = logger();
  const shared = { a: 1 };
  log.info("twice", { value: { x: shared, y: [shared, shared] } });
  expect(lines[0]).toContain('value={"x":{"a":1},"y":[{"a":1},{"a":1}]}');
});

it("cuts long values without leaving half a secret at the cut", () => {
  const { lines, log } = logger("debug", ["s3cr3t-s3cr3t"]);
  log.info("long", { text: `${"x".repeat(3990)} s3cr3t-s3cr3t ${"y".repeat(9000)}` });
  expect(lines[0]?.length).toBeLessThan(4200);
  expect(lines[0]).not.toContain("s3cr");
});
