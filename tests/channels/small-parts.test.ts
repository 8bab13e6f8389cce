import { expect, test } from "vitest";
import { Aliases, sanitiseName } from "../../src/channels/aliases.ts";
import { runId } from "../../src/channels/channel-run.ts";
import { isNewerId } from "../../src/channels/channel-state.ts";
import { escapeMarkdown, fileLabel } from "../../src/channels/markdown.ts";
import { outageOf } from "../../src/channels/outages.ts";
import { TurnLock } from "../../src/channels/turn-lock.ts";
import { ColloquyError, ModelError, StoreError } from "../../src/shared/errors.ts";

test("makes names that providers take, or none", () => {
  expect(sanitiseName("  Łukasz Ünïcode! ")).toBe("Lukasz_Unicode");
  expect(sanitiseName(`${"x".repeat(47)} yz`)).toBe("x".repeat(47));
  expect(sanitiseName("\u{e000}\ud800 \u200b")).toBe("");
  expect(sanitiseName("x".repeat(100))).toHaveLength(48);
});

test("gives each person an alias of their own, and keeps it", () => {
  const aliases = new Aliases();
  const of = (id: string, display_name: string) => aliases.of({ id, display_name }, ["Mem"]);
  expect([of("1", "Ada"), of("2", "ADA"), of("3", "ada"), of("4", "MEM")]).toEqual([
    "Ada",
    "ADA_2",
    "ada_3",
    "MEM_2",
  ]);
  expect(of("1", "Somebody else")).toBe("Ada");
});

test.each([
  ["Владимир", "Vladimir"],
  ["Γιώργος Ψαράς", "Giorgos_Psaras"],
  ["José Ñúñez", "Jose_Nunez"],
  ["МемGPT", "MemGPT"],
  ["王小明", "WangXiaoMing"],
  ["さくら", "sakura"],
  ["김민준", "GimMinJun"],
  ["محمد", "mhmd"],
  ["משה כהן", "msh_khhn"],
  ["अमित", "amit"],
  ["สมชาย", "smchay"],
  ["Þórður Straße", "Thordur_Strasse"],
  ["𝓐𝓭𝓪 🎉👩🏽‍💻", "Ada"],
  ["🎉", "tada"],
])("spells the name %s as %j for models", (name, latin) => {
  expect(sanitiseName(name)).toBe(latin);
});

test("gives nobody an agent's name, in whatever letters it is written", () => {
  const of = (display_name: string) => new Aliases().of({ id: "1", display_name }, ["Mem"]);
  expect([of("Мем"), of("mem")]).toEqual(["Mem_2", "mem_2"]);
});

test("stores aliases only when there are new ones", () => {
  const aliases = new Aliases([["1", "Ada"]]);
  const ada = { id: "1", display_name: "Ada" };
  aliases.of(ada, []);
  expect(aliases.pending()).toBeUndefined();
  aliases.of({ id: "2", display_name: "Grace" }, []);
  const first = aliases.pending();
  expect(first?.rows).toEqual([
    ["1", "Ada"],
    ["2", "Grace"],
  ]);
  aliases.of({ id: "3", display_name: "Alan" }, []);
  aliases.stored(first?.change ?? 0);
  expect(aliases.pending()?.rows).toHaveLength(3);
});

test("forgets whoever has not written for longest, after a thousand people", () => {
  const aliases = new Aliases();
  const write = (n: number) => aliases.of({ id: String(n), display_name: `P${n}` }, []);
  for (let n = 0; n < 1000; n += 1) write(n);
  write(0);
  write(1000);
  const ids = aliases.pending()?.rows.map(([id]) => id);
  expect(ids).toHaveLength(1000);
  expect(ids).toContain("0");
  expect(ids).not.toContain("1");
});

test("compares message ids as numbers of any length", () => {
  expect(isNewerId("1000", "999")).toBe(true);
  expect(isNewerId("999", "1000")).toBe(false);
  expect(isNewerId("5", "5")).toBe(false);
  expect(isNewerId("1", "")).toBe(true);
});

test("makes short stems of message ids", () => {
  expect(runId("1300000000000000000")).toBe(1_300_000_000_000_000_000n.toString(36));
  expect(runId("99999999999999999999").length).toBeLessThanOrEqual(16);
  expect(runId("A-b_C".repeat(10))).toMatch(/^[a-z0-9]{16}$/);
});

test("knows an outage of the surface from one of the store or the model", () => {
  expect(outageOf(new ColloquyError("discord_unavailable", ""))).toBe("unavailable");
  expect(outageOf(new ColloquyError("discord_stopped", ""))).toBe("stopped");
  expect(outageOf(new ColloquyError("discord_forbidden", ""))).toBeUndefined();
  expect(outageOf(new StoreError("store_unavailable", ""))).toBeUndefined();
  expect(outageOf(new ModelError("unavailable", ""))).toBeUndefined();
  expect(outageOf(new Error("x_unavailable"))).toBeUndefined();
});

test("escapes what would format, and leaves names readable", () => {
  expect(escapeMarkdown("core_memory_append")).toBe("core_memory_append");
  expect(escapeMarkdown("_a_ *b* `c` ~d~ |e| <@1> [f](g)")).toBe(
    "\\_a\\_ \\*b\\* \\`c\\` \\~d\\~ \\|e\\| \\<@1> \\[f\\](g)",
  );
  expect(escapeMarkdown("# x")).toBe("\\# x");
  expect(fileLabel("C:\\x\\a\u202eb.pdf")).toBe("a b.pdf");
});

test("does one thing at a time, in order, and goes on after a failure", async () => {
  const lock = new TurnLock();
  const seen: string[] = [];
  const task = (name: string) => async () => {
    seen.push(`${name} begins`);
    await Promise.resolve();
    seen.push(`${name} ends`);
    if (name === "b") throw new Error("b failed");
    return name;
  };
  const done = await Promise.allSettled(["a", "b", "c"].map((name) => lock.run(task(name))));
  expect(done.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(seen).toEqual(["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]);
});
