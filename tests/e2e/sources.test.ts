import { afterEach, describe, expect, it } from "vitest";
import { makePdf } from "../fakes/make-pdf.ts";
import { closeHouses, House } from "./house.ts";
import { InProcessBot } from "./in-process.ts";

const AGENT_DOCS = {
  agents: [
    { type: "user_proxy", name: "User_proxy" },
    { type: "memgpt", name: "MemGPT_agent" },
  ],
};

afterEach(closeHouses);

async function open(): Promise<House> {
  const house = await House.open({ config: AGENT_DOCS });
  await InProcessBot.start(house);
  await house.wake();
  return house;
}

describe("data sources on Discord", () => {
  it("are loaded from several files, attached by name, shown, and deleted when confirmed", async () => {
    const house = await open();
    const { ada, boss, general } = house;
    const load = await general.slash(ada, "sources", {
      subcommand: "load",
      options: {
        name: "tea",
        file: { name: "a.md", bytes: "# Tea\n\nTea is made of leaves." },
        file2: { name: "b.pdf", bytes: makePdf([["Cups are made of clay."]]) },
      },
    });
    const isLoaded = (text: string): boolean => text.startsWith("Loaded ");
    expect(await load.answer({ until: isLoaded, timeoutMs: 20_000 })).toMatch(
      /^Loaded 2 passages and 2 documents from tea\./,
    );
    expect(load.ephemeral).toBe(false);
    const options = { name: "tea" };
    const attach = await general.slash(ada, "sources", { subcommand: "attach", options });
    expect(await attach.answer()).toBe(
      "Attached data source tea to agent MemGPT_agent, consisting of 2. Agent now has 2 embeddings in archival memory.",
    );
    expect(attach.ephemeral).toBe(false);
    const show = await general.slash(ada, "sources", { subcommand: "show", options });
    expect(await show.answer()).toContain("Cups are made of clay.");
    const sure = { ...options, confirm: true };
    const asked = await general.slash(boss, "sources", { subcommand: "delete", options });
    expect(await asked.answer()).toContain("It is attached to MemGPT_agent.");
    const deleted = await general.slash(boss, "sources", { subcommand: "delete", options: sure });
    expect(await deleted.answer()).toBe("Deleted data source tea with its 2 passages.");
    const list = await general.slash(ada, "sources", { subcommand: "list" });
    expect(await list.answer()).toContain("no data sources here");
  });

  it("come from a message's menu, each with the message's address", async () => {
    const house = await open();
    const { ada, general } = house;
    const message = await general.say(ada, "The deadline is the ninth of May.");
    const call = await general.messageCommand(ada, "Add to archival memory", message);
    const isEnd = (text: string): boolean => text.startsWith("Attached ");
    const answer = await call.answer({ until: isEnd, timeoutMs: 20_000 });
    const name = /data source (.*) to agent/.exec(answer)?.[1] ?? "";
    const show = await general.slash(ada, "sources", { subcommand: "show", options: { name } });
    expect(await show.answer()).toContain(`/${general.id}/${message.id}>`);
  });

  it("come from a locked PDF once its password is typed", async () => {
    const house = await open();
    const { ada, general } = house;
    const bytes = makePdf([["The treasure lies under the oak."]], { password: "open-sesame" });
    const options = { file: { name: "locked.pdf", bytes } };
    const call = await general.slash(ada, "attach", { options });
    for (const [sentence, password] of [
      ["is encrypted", "hunter2"],
      ["Try again", "open-sesame"],
    ] as const) {
      await call.answer({ until: (text) => text.includes(sentence), timeoutMs: 20_000 });
      const [shown] = call.messages;
      if (!shown) throw new Error("no question");
      const press = await general.press(ada, shown, "Enter password");
      await press.acknowledged();
      await (await general.submitModal(ada, press, { password })).acknowledged();
    }
    const isEnd = (text: string): boolean => text.startsWith("Attached ");
    expect(await call.answer({ until: isEnd, timeoutMs: 20_000 })).toContain("locked.pdf");
    expect(house.fake.violations).toEqual([]);
  });
});
