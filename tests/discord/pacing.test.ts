import { describe, expect, it } from "vitest";
import { DiscordError } from "../../src/discord/discord-error.ts";
import { PacedEdits } from "../../src/discord/paced-edits.ts";
import { TypingController } from "../../src/discord/typing-controller.ts";
import { FakeClock, settle } from "../fakes/fake-clock.ts";

describe("TypingController", () => {
  function make(fail: () => Error | undefined = () => undefined) {
    const clock = new FakeClock();
    const sent: string[] = [];
    const typing = new TypingController(async (channel) => {
      sent.push(channel);
      const failure = fail();
      if (failure) throw failure;
    }, clock);
    return { clock, sent, typing };
  }

  it("shows nothing for an answer that comes at once", async () => {
    const { clock, sent, typing } = make();
    const stop = typing.start("a");
    await clock.advance(200);
    stop();
    await clock.advance(60_000);
    expect(sent).toEqual([]);
    expect(clock.waiting).toBe(0);
  });

  it("shows soon, renews every eight seconds, and stops at once", async () => {
    const { clock, sent, typing } = make();
    const stop = typing.start("a");
    await clock.advance(250);
    expect(sent).toEqual(["a"]);
    await clock.advance(17_000);
    expect(sent).toEqual(["a", "a", "a"]);
    stop();
    await settle();
    expect(clock.waiting).toBe(0);
    await clock.advance(60_000);
    expect(sent).toHaveLength(3);
  });

  it("goes on until the last of several holders stops, however often each does", async () => {
    const { clock, sent, typing } = make();
    const one = typing.start("a");
    const two = typing.start("a");
    one();
    one();
    await clock.advance(8_250);
    expect(sent).toHaveLength(2);
    two();
    await clock.advance(60_000);
    expect(sent).toHaveLength(2);
  });

  it("keeps channels apart and begins anew after an end", async () => {
    const { clock, sent, typing } = make();
    const stop = typing.start("a");
    await clock.advance(250);
    stop();
    typing.start("b");
    typing.start("a");
    await clock.advance(1_000);
    expect(sent).toEqual(["a", "b", "a"]);
    typing.stopAll();
    await clock.advance(60_000);
    expect(sent).toHaveLength(3);
  });

  it("never lasts longer than five minutes", async () => {
    const { clock, sent, typing } = make();
    typing.start("a");
    await clock.advance(3_600_000);
    expect(sent.length).toBeLessThanOrEqual(38);
    expect(clock.waiting).toBe(0);
  });

  it("outlives an outage, but not a refusal", async () => {
    const down = make(() => new Error("down"));
    down.typing.start("a");
    await down.clock.advance(8_250);
    expect(down.sent).toHaveLength(2);
    const refused = make(() => new DiscordError("discord_forbidden", "No."));
    refused.typing.start("a");
    await refused.clock.advance(60_000);
    expect(refused.sent).toHaveLength(1);
  });
});

describe("PacedEdits", () => {
  function make(options: { fail?: boolean } = {}) {
    const clock = new FakeClock();
    const shown: string[] = [];
    const edits = new PacedEdits(async (text) => {
      if (options.fail) throw new Error("no");
      shown.push(text);
    }, clock);
    return { clock, shown, edits };
  }

  it("shows the first text at once and of the others the newest, at a pace", async () => {
    const { clock, shown, edits } = make();
    for (let i = 1; i <= 5; i += 1) edits.update(`${i}`);
    await settle();
    expect(shown).toEqual(["5"]);
    edits.update("6");
    edits.update("7");
    await clock.advance(1_400);
    expect(shown).toEqual(["5"]);
    await clock.advance(200);
    expect(shown).toEqual(["5", "7"]);
  });

  it("does not show the same text twice", async () => {
    const { clock, shown, edits } = make();
    edits.update("a");
    await clock.advance(2_000);
    edits.update("a");
    await clock.advance(2_000);
    expect(shown).toEqual(["a"]);
  });

  it("lets a final text overtake the one that waits, and ignores what comes later", async () => {
    const { clock, shown, edits } = make();
    edits.update("a");
    await settle();
    edits.update("b");
    await edits.finish(async () => {
      shown.push("end");
    });
    edits.update("c");
    await clock.advance(10_000);
    expect(shown).toEqual(["a", "end"]);
  });

  it("waits for the edit under way before the final text", async () => {
    const clock = new FakeClock();
    const shown: string[] = [];
    let release: () => void = () => {};
    const edits = new PacedEdits(async (text) => {
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      shown.push(text);
    }, clock);
    edits.update("a");
    await settle();
    const end = edits.finish(async () => {
      shown.push("end");
    });
    await settle();
    expect(shown).toEqual([]);
    release();
    await end;
    expect(shown).toEqual(["a", "end"]);
  });

  it("shows what waits when it is flushed", async () => {
    const { shown, edits } = make();
    edits.update("a");
    await settle();
    edits.update("b");
    await edits.flush();
    expect(shown).toEqual(["a", "b"]);
  });

  it("passes over failures of edits, but tells of the final one's", async () => {
    const { clock, edits } = make({ fail: true });
    edits.update("a");
    await clock.advance(2_000);
    await edits.flush();
    const end = edits.finish(() => Promise.reject(new Error("gone")));
    await expect(end).rejects.toThrow("gone");
  });

  it("lets an edit that a rate limit holds back hold back the next one as long", async () => {
    const clock = new FakeClock();
    const at: number[] = [];
    const edits = new PacedEdits(async () => {
      at.push(clock.monotonic());
      await clock.sleep(10_000);
    }, clock);
    edits.update("a");
    await clock.advance(5_000);
    edits.update("b");
    await clock.advance(20_000);
    expect(at).toEqual([0, 20_000]);
  });

  it("shows nothing of what ends before its first edit, and grows the pauses between the others", async () => {
    const clock = new FakeClock();
    const at: number[] = [];
    const make = (): PacedEdits =>
      new PacedEdits(
        async () => {
          at.push(clock.monotonic());
        },
        clock,
        { first_ms: 1_000, growth: 1.1, longest_ms: 6_000 },
      );
    const soon = make();
    soon.update("a");
    await clock.advance(999);
    await soon.finish(async () => {});
    await clock.advance(5_000);
    expect(at).toEqual([]);
    const long = make();
    for (let i = 0; i < 1_200; i += 1) {
      long.update(`${i}`);
      await clock.advance(100);
    }
    const gaps = at.slice(1).map((time, i) => time - (at[i] ?? 0));
    expect(gaps[0]).toBeCloseTo(1_500);
    expect(gaps.at(-1)).toBeCloseTo(6_000);
    // A webhook may be used about 30 times a minute.
    const inAMinute = at.map((from) => at.filter((t) => t >= from && t < from + 60_000).length);
    expect(Math.max(...inAMinute)).toBeLessThan(20);
    await long.finish(async () => {});
    expect(clock.waiting).toBe(0);
  });
});
