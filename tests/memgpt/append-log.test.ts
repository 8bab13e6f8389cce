import { describe, expect, it } from "vitest";
import { AppendLog } from "../../src/memgpt/append-log.ts";
import { MemoryStateStore } from "../fakes/memory-stores.ts";

async function store(log: AppendLog<string>, rows: MemoryStateStore): Promise<void> {
  const pending = log.pendingRows();
  await rows.setMany(pending);
  log.flushed(pending.length);
}

describe("AppendLog", () => {
  it("reads stored and buffered entries as one sequence", async () => {
    const rows = new MemoryStateStore();
    const log = new AppendLog<string>(rows, "log");
    log.append("a");
    log.append("b");
    await store(log, rows);
    expect(log.append("c")).toBe(2);
    expect(await log.read(0, 99)).toEqual(["a", "b", "c"]);
    expect(await log.read(1, 2)).toEqual(["b"]);
    expect(await log.read(2, 3)).toEqual(["c"]);
  });

  it("overwrites rows that a crashed process wrote past the committed length", async () => {
    const rows = new MemoryStateStore();
    const crashed = new AppendLog<string>(rows, "log", 0);
    crashed.append("committed");
    crashed.append("torn");
    await store(crashed, rows);
    const restarted = new AppendLog<string>(rows, "log", 1);
    expect(await restarted.read(0, 9)).toEqual(["committed"]);
    restarted.append("second");
    await store(restarted, rows);
    expect(await restarted.read(0, 9)).toEqual(["committed", "second"]);
  });

  it("throws when a committed row is gone instead of reading it as nothing", async () => {
    const log = new AppendLog<string>(new MemoryStateStore(), "log", 2);
    await expect(log.read(0, 2)).rejects.toMatchObject({ code: "store_corrupt" });
  });

  it("keeps entries that are appended while earlier ones are being stored", () => {
    const log = new AppendLog<string>(new MemoryStateStore(), "log");
    log.append("a");
    const pending = log.pendingRows();
    log.append("b");
    log.flushed(pending.length);
    expect(log.pendingRows()).toEqual([["log/1", "b"]]);
  });
});
