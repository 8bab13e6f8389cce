import { expect, it } from "vitest";
import { Sha256Hash } from "../../../src/adapters/system/sha256-hash.ts";
import { RandomIds, SystemClock } from "../../../src/adapters/system/system-clock.ts";
import { AbortSource } from "../../../src/shared/abort.ts";

it("sleeps at least as long as asked, on a clock that only grows", async () => {
  const clock = new SystemClock();
  const before = clock.monotonic();
  await clock.sleep(5);
  expect(clock.monotonic() - before).toBeGreaterThanOrEqual(5);
  expect(Math.abs(clock.now() - Date.now())).toBeLessThan(100);
});

it("wakes from a long sleep at once with the reason of the abort", async () => {
  const source = new AbortSource();
  const sleeping = new SystemClock().sleep(3_000_000_000, source.signal);
  source.abort(new Error("stopped"));
  await expect(sleeping).rejects.toThrow("stopped");
  await expect(new SystemClock().sleep(1, source.signal)).rejects.toThrow("stopped");
});

it("takes native signals too", async () => {
  const controller = new AbortController();
  const sleeping = new SystemClock().sleep(60_000, controller.signal);
  controller.abort(new Error("native"));
  await expect(sleeping).rejects.toThrow("native");
});

it("gives ids that are short, plain and never the same", () => {
  const ids = new RandomIds();
  const many = Array.from({ length: 1000 }, () => ids.next());
  expect(new Set(many).size).toBe(1000);
  for (const id of many) expect(id).toMatch(/^[A-Za-z0-9_-]{1,36}$/);
});

it("hashes bytes and their UTF-8 text alike", () => {
  const hash = new Sha256Hash();
  expect(hash.sha256("abc")).toBe(
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  );
  expect(hash.sha256(new TextEncoder().encode("ключ"))).toBe(hash.sha256("ключ"));
});
