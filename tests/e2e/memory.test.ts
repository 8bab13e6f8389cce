import { afterEach, describe, expect, it } from "vitest";
import { smallPaper } from "../fixtures/small-paper.ts";
import { BotProcess } from "./bot-process.ts";
import { closeHouses, House, MEMGPT_KEY } from "./house.ts";
import { call, isMemgpt, lastOf, requestsWith, say, textOf } from "./model-scripts.ts";

afterEach(closeHouses);

describe("memory after kill -9 and a new start", () => {
  it("still knows the name, the deadline and what the document says (offline model)", async () => {
    const house = await House.open();
    const bot = await BotProcess.open(house);
    await house.wake();
    await house.ask("My name is Ada. Remember that the deadline is 3 March.");
    const file = { name: "handbook.pdf", bytes: smallPaper() };
    const attach = await house.general.slash(house.ada, "attach", { options: { file } });
    await attach.answer({ until: (text) => text.startsWith("Attached "), timeoutMs: 15_000 });
    await house.fake.quiet();
    await bot.kill();

    await BotProcess.open(house);
    expect((await house.ask("What is my name?")).content).toContain("Ada");
    expect((await house.ask("When is the deadline?")).content).toContain("3 March");
    const quoted = await house.ask("What is virtual context? Search your archival memory.");
    expect(quoted.content).toMatch(/illusion of a large context.*\(handbook\.pdf, p\. 1\)/is);
    const list = await house.general.slash(house.ada, "sources", { subcommand: "list" });
    expect(await list.answer()).toContain("**handbook.pdf** (pdf): ");
  });

  it("gives the model the same conversation again, its own edits of core memory included", async () => {
    const house = await House.open({
      model: (body) => {
        if (!isMemgpt(body)) return "Noted.";
        const { role, content } = lastOf(body);
        const asksToNote = role === "user" && textOf(body).includes("I like tea");
        const isNoted = textOf(body).includes("Ada likes tea.");
        if (asksToNote && !isNoted) {
          const content = "Ada likes tea.";
          return call("core_memory_append", { name: "human", content, request_heartbeat: true });
        }
        return say(content.includes("Again") ? "Tea again?" : "I shall remember.");
      },
    });
    const bot = await BotProcess.open(house);
    await house.wake();
    await house.ask("I like tea.");
    await house.fake.quiet();
    const before = requestsWith(house, MEMGPT_KEY).at(-1);
    await bot.kill();

    await BotProcess.open(house);
    await house.ask("Again!");
    const after = requestsWith(house, MEMGPT_KEY).at(-1);
    // The front too is as it was: the edit is known from its call until the next eviction.
    const heard = before?.messages ?? [];
    expect(after?.messages?.slice(0, heard.length)).toEqual(heard);
    expect(JSON.stringify(heard)).toContain("Ada likes tea.");
    const core = await house.general.slash(house.ada, "memory", { subcommand: "core" });
    expect(await core.answer()).toContain("Ada likes tea.");
  });

  it("keeps what channels have chosen, and goes back to a snapshot", async () => {
    const house = await House.open();
    const bot = await BotProcess.open(house);
    await house.wake();
    const { general, boss, ada } = house;
    await house.ask("My name is Ada.");
    await (await general.slash(boss, "save", { options: { name: "early" } })).answer();
    await house.ask("My dog is called Rex.");
    await (await general.slash(boss, "inner-thoughts", { subcommand: "hide" })).answer();
    await bot.kill();

    await BotProcess.open(house);
    expect((await house.ask("What is my dog called?")).content).not.toContain("-# ");
    const core = async (): Promise<string> =>
      (await general.slash(ada, "memory", { subcommand: "core" })).answer();
    expect(await core()).toContain("Rex");
    const load = await general.slash(boss, "load", { options: { name: "early" } });
    expect(await load.answer()).toContain('"early" is back');
    expect(await core()).not.toContain("Rex");
    expect(await core()).toContain("My name is Ada");
  });
});
