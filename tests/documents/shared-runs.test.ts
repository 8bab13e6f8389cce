import { describe, expect, it } from "vitest";
import { SharedRuns } from "../../src/documents/shared-runs.ts";
import { type AbortSignalLike, AbortSource } from "../../src/shared/abort.ts";
import { settle } from "../fakes/fake-clock.ts";

/** Work that ends when told to, or when it is aborted. */
function openWork() {
  const gate = { resolve: (_result: string) => {}, reject: (_reason: unknown) => {} };
  const outcome = new Promise<string>((resolve, reject) =>
    Object.assign(gate, { resolve, reject }),
  );
  let starts = 0;
  return {
    gate,
    starts: () => starts,
    work: (signal: AbortSignalLike) => {
      starts += 1;
      signal.addEventListener("abort", () => gate.reject(signal.reason));
      return outcome;
    },
  };
}

describe("SharedRuns", () => {
  it("runs the same work once for callers that come together", async () => {
    const runs = new SharedRuns<string, number>();
    const open = openWork();
    const both = Promise.all([runs.join("k", open.work), runs.join("k", open.work)]);
    await settle();
    open.gate.resolve("done");
    expect(await both).toEqual(["done", "done"]);
    expect(open.starts()).toBe(1);
    expect(runs.has("k")).toBe(false);
  });

  it("goes on for those who stay when one caller gives up", async () => {
    const runs = new SharedRuns<string, number>();
    const open = openWork();
    const leaver = new AbortSource();
    const stays = runs.join("k", open.work);
    const leaves = runs.join("k", open.work, { signal: leaver.signal });
    await settle();
    leaver.abort("enough");
    await expect(leaves).rejects.toBe("enough");
    open.gate.resolve("done");
    expect(await stays).toBe("done");
  });

  it("aborts the run when the last caller gives up, and starts anew for the next", async () => {
    const runs = new SharedRuns<string, number>();
    const first = openWork();
    const leaver = new AbortSource();
    const leaves = runs.join("k", first.work, { signal: leaver.signal });
    await settle();
    leaver.abort("enough");
    await expect(leaves).rejects.toBe("enough");
    expect(await runs.join("k", async () => "second")).toBe("second");
  });

  it("tells progress to all callers while they listen", async () => {
    const runs = new SharedRuns<string, number>();
    const open = openWork();
    const heard: string[] = [];
    let tell = (_progress: number): void => {};
    const work = (signal: AbortSignalLike, teller: (p: number) => void) => {
      tell = teller;
      return open.work(signal);
    };
    const both = Promise.all(
      ["a", "b"].map((who) => runs.join("k", work, { onProgress: (p) => heard.push(who + p) })),
    );
    await settle();
    tell(1);
    open.gate.resolve("done");
    await both;
    tell(2);
    expect(heard).toEqual(["a1", "b1"]);
  });

  it("gives a failure to all callers and forgets the run", async () => {
    const runs = new SharedRuns<string, number>();
    const failing = async (): Promise<string> => {
      throw new Error("no");
    };
    const outcomes = await Promise.allSettled([runs.join("k", failing), runs.join("k", failing)]);
    expect(outcomes.map((one) => one.status)).toEqual(["rejected", "rejected"]);
    expect(await runs.join("k", async () => "better")).toBe("better");
  });
});
