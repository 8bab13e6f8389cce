import { expect, it } from "vitest";
import { type StoredRow, WriteQueue } from "../../../src/adapters/keyv/write-queue.ts";
import { settle } from "../../fakes/fake-clock.ts";

/** Records what reaches the disk, each act waiting for `release`. */
class SlowTarget {
  readonly acts: string[][] = [];
  readonly waiting: (() => void)[] = [];
  failing = false;
  readonly atomic: boolean;

  constructor(atomic = true) {
    this.atomic = atomic;
  }

  async write(rows: readonly StoredRow[]): Promise<void> {
    await this.#act(rows.map(({ key, text }) => `${key}=${text.slice(0, 10)}`));
  }

  async remove(keys: readonly string[]): Promise<void> {
    await this.#act(keys.map((key) => `-${key}`));
  }

  async release(): Promise<void> {
    this.waiting.shift()?.();
    await settle();
  }

  async #act(act: string[]): Promise<void> {
    this.acts.push(act);
    await new Promise<void>((done) => this.waiting.push(done));
    if (this.failing) throw new Error("disk");
  }
}

const row = (key: string, text: string): StoredRow => ({ key, text });

it("commits together what was called together, and gathers what comes meanwhile", async () => {
  const target = new SlowTarget();
  const queue = new WriteQueue(target);
  const done: string[] = [];
  for (const key of ["a", "b"]) void queue.write([row(key, "1")]).then(() => done.push(key));
  await settle();
  for (const key of ["c", "d"]) void queue.write([row(key, "1")]).then(() => done.push(key));
  await settle();
  expect(target.acts).toEqual([["a=1", "b=1"]]);
  expect(done).toEqual([]);
  await target.release();
  expect(done).toEqual(["a", "b"]);
  expect(target.acts.slice(1)).toEqual([["c=1", "d=1"]]);
  await target.release();
  expect(done).toEqual(["a", "b", "c", "d"]);
});

it("keeps the last word on a key within a group", async () => {
  const target = new SlowTarget();
  const queue = new WriteQueue(target);
  void queue.write([row("a", "1"), row("b", "1")]);
  void queue.remove(["a", "c"]);
  void queue.write([row("a", "2")]);
  void queue.remove(["b"]);
  await settle();
  await target.release();
  expect(target.acts).toEqual([["a=2"], ["-c", "-b"]]);
});

it("tells everyone of a group when it fails, and goes on with the next", async () => {
  const target = new SlowTarget();
  const queue = new WriteQueue(target);
  const failed = Promise.allSettled([queue.write([row("a", "1")]), queue.write([row("b", "1")])]);
  await settle();
  const next = queue.write([row("c", "1")]);
  target.failing = true;
  await target.release();
  expect((await failed).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  target.failing = false;
  await target.release();
  await expect(next).resolves.toBeUndefined();
});

it("closes a group that has grown large, without dividing a call", async () => {
  const target = new SlowTarget();
  const queue = new WriteQueue(target);
  const many = Array.from({ length: 600 }, (_, i) => row(`k${i}`, "1"));
  void queue.write([row("first", "1")]);
  void queue.write(many);
  void queue.write([row("large", "x".repeat(5_000_000))]);
  void queue.write([row("last", "1")]);
  for (let i = 0; i < 4; i += 1) {
    await settle();
    await target.release();
  }
  expect(target.acts.map((act) => act.length)).toEqual([1, 600, 1, 1]);
});

it("writes a repeated key where it was written last, behind the rows it may point to", async () => {
  const target = new SlowTarget();
  const queue = new WriteQueue(target);
  void queue.write([row("record", "0")]);
  void queue.write([row("log/1", "x"), row("record", "1")]);
  await settle();
  expect(target.acts).toEqual([["log/1=x", "record=1"]]);
});

it("carries calls out one by one where a group is not all or nothing", async () => {
  const target = new SlowTarget(false);
  const queue = new WriteQueue(target);
  void queue.write([row("a", "1"), row("b", "1")]);
  void queue.write([row("c", "1")]);
  await settle();
  expect(target.acts).toEqual([["a=1", "b=1"]]);
  await target.release();
  expect(target.acts).toEqual([["a=1", "b=1"], ["c=1"]]);
});

it("is idle when everything called so far is done", async () => {
  const target = new SlowTarget();
  const queue = new WriteQueue(target);
  await queue.idle();
  let idle = false;
  void queue.write([row("a", "1")]);
  void queue.idle().then(() => {
    idle = true;
  });
  await settle();
  expect(idle).toBe(false);
  await target.release();
  expect(idle).toBe(true);
});
