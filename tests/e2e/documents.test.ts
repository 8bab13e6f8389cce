import { afterEach, describe, expect, it } from "vitest";
import { makePdf } from "../fakes/make-pdf.ts";
import { memgptPaper } from "../fixtures/memgpt-paper.ts";
import { smallPaper } from "../fixtures/small-paper.ts";
import { closeHouses, gate, House, isBy, said } from "./house.ts";
import { InProcessBot } from "./in-process.ts";
import { pings } from "./model-scripts.ts";

const QUESTION = "Tell me what virtual context in MemGPT is. Search your archival memory.";
const CLOSING =
  /^Attached data source memgpt_research_paper\.pdf to agent MemGPT_agent, consisting of (\d+)\. Agent now has (\d+) embeddings in archival memory\.$/;

/** The table of MemGPT's example `agent_docs`. */
const AGENT_DOCS = {
  agents: [
    { type: "user_proxy", name: "User_proxy" },
    { type: "memgpt", name: "MemGPT_agent" },
  ],
};

const paper = memgptPaper();
const file = { name: "memgpt_research_paper.pdf", bytes: paper ?? smallPaper() };

afterEach(closeHouses);

async function attached(house: House, channel = house.general): Promise<RegExpExecArray | null> {
  const call = await channel.slash(house.ada, "attach", { options: { file } });
  const isClosing = (text: string): boolean => /^Attached /.test(text);
  return CLOSING.exec(await call.answer({ until: isClosing, timeoutMs: 20_000 }));
}

async function answerTo(house: House, text: string, channel = house.general): Promise<string> {
  const question = await channel.say(house.ada, text);
  const answer = await channel.nextMessage(
    (m) => BigInt(m.id) > BigInt(question.id) && isBy("MemGPT_agent", m),
  );
  return answer.content;
}

describe("agent_docs of the MemGPT documentation", () => {
  it("attaches the paper with progress, and quotes it with page numbers when asked", async () => {
    const house = await House.open({ config: AGENT_DOCS });
    await InProcessBot.start(house);
    await house.wake();
    const call = await house.general.slash(house.ada, "attach", { options: { file } });
    const answer = await call.answer({ until: (text) => CLOSING.test(text), timeoutMs: 20_000 });
    expect(call.acknowledgedAfterMs).toBeLessThan(3_000);
    const [, consisting, total] = CLOSING.exec(answer) ?? [];
    expect(total).toBe(consisting);
    if (paper) {
      expect(Number(consisting)).toBeGreaterThanOrEqual(60);
      expect(Number(consisting)).toBeLessThanOrEqual(70);
      const told = call.edits.filter((text) => text.startsWith("Reading memgpt_research_paper"));
      expect(told.length).toBeGreaterThan(0);
    }
    // More than once: what is found fills the window, and the question must stay in it.
    for (let time = 0; time < 4; time += 1) {
      const quoted = await answerTo(house, QUESTION);
      expect(quoted).toMatch(/virtual context management.*\(memgpt_research_paper\.pdf, p\. 1\)/is);
    }
    expect(pings(house)).toEqual([]);
  });

  it("counts a paper once, however often it is attached", async () => {
    const house = await House.open({ config: AGENT_DOCS });
    await InProcessBot.start(house);
    await house.fake.commandsRegistered();
    const first = await attached(house);
    const started = performance.now();
    const again = await attached(house);
    expect(again?.[0]).toBe(first?.[0]);
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  it("lists what is attached, completes its name, and lets it go", async () => {
    const house = await House.open({ config: AGENT_DOCS });
    await InProcessBot.start(house);
    await house.wake();
    const closing = await attached(house);
    const { general, ada, boss } = house;
    const list = await general.slash(ada, "sources", { subcommand: "list" });
    const line = await list.answer();
    expect(line).toContain(`**memgpt_research_paper.pdf** (pdf): ${closing?.[1]} passages, `);
    expect(line).toContain(", attached to MemGPT_agent");
    const typed = { subcommand: "detach", option: "name", typed: "mem" };
    const [choice] = await general.autocomplete(boss, "sources", typed);
    expect(choice?.value).toBe("memgpt_research_paper.pdf");
    const options = { name: String(choice?.value) };
    const detach = await general.slash(boss, "sources", { subcommand: "detach", options });
    expect(await detach.answer()).toBe(
      "Detached data source memgpt_research_paper.pdf from agent MemGPT_agent. Agent now has 0 embeddings in archival memory.",
    );
    const empty = await general.slash(ada, "sources", { subcommand: "list" });
    expect(await empty.answer()).toContain("not attached here");
    expect(await answerTo(house, QUESTION)).not.toContain("memgpt_research_paper");
  });

  it("does not show one channel what is attached in another", async () => {
    const house = await House.open({ config: AGENT_DOCS });
    await InProcessBot.start(house);
    await house.wake();
    const other = house.guild.addTextChannel({ name: "other" });
    await house.wake(other);
    await attached(house);
    expect(await answerTo(house, QUESTION, other)).not.toContain("memgpt_research_paper");
    const list = await other.slash(house.ada, "sources", { subcommand: "list" });
    expect(await list.answer()).toContain("no data sources here");
  });

  it("goes on with the chat while a paper is being read", async () => {
    const house = await House.open({ config: AGENT_DOCS });
    const bot = await InProcessBot.start(house);
    await house.wake();
    const arriving = gate();
    const { fetcher } = bot.app;
    const fetch = fetcher.fetch.bind(fetcher);
    fetcher.fetch = async (...given) => {
      await arriving.passed;
      return fetch(...given);
    };
    const reading = attached(house);
    expect(await answerTo(house, "My name is Ada.")).toContain("Ada");
    arriving.open();
    const [, consisting, total] = (await reading) ?? [];
    expect(total).toBe(consisting);
  });
});

describe("a large document", () => {
  it("does not hold up the answers in another channel", async () => {
    const house = await House.open({ config: AGENT_DOCS });
    await InProcessBot.start(house);
    const other = house.guild.addTextChannel({ name: "other" });
    await house.wake(other);
    const line = (i: number): string =>
      `In the year ${i} the keeper of the light wrote nothing down.`;
    const page = (n: number): string[] => Array.from({ length: 50 }, (_, i) => line(n * 50 + i));
    const bytes = makePdf(Array.from({ length: 800 }, (_, n) => page(n)));
    const call = await house.general.slash(house.ada, "attach", {
      options: { file: { name: "chronicle.pdf", bytes } },
    });
    let ended = false;
    const closing = call
      .answer({ until: (text) => text.startsWith("Attached "), timeoutMs: 50_000 })
      .finally(() => {
        ended = true;
      });
    await call.answer({ until: (text) => /passages stored/.test(text), timeoutMs: 50_000 });
    expect(await answerTo(house, "My name is Ada.", other)).toContain("Ada");
    expect(ended).toBe(false);
    expect(await closing).toContain("consisting of");
  });
});

describe("a PDF posted in the channel", () => {
  it("is offered with a button and attached when somebody presses it", async () => {
    const house = await House.open({ config: AGENT_DOCS });
    await InProcessBot.start(house);
    await house.wake();
    await house.general.say(house.ada, "", { attachments: [file] });
    const offer = await house.general.nextMessage((m) => m.components.length > 0);
    expect(offer.content).toContain("memgpt_research_paper.pdf");
    const press = await house.general.press(house.ada, offer, "Attach to memory");
    await press.acknowledged();
    await house.general.nextMessage((m) => CLOSING.test(m.content), 20_000);
    expect(offer.components).toMatchObject([{ components: [{ disabled: true }] }]);
    expect(await answerTo(house, QUESTION)).toMatch(/p\. 1\)/);
  });

  it("is fetched by a fresh address when the first has expired, also after a restart", async () => {
    const house = await House.open({ config: AGENT_DOCS });
    const bot = await InProcessBot.start(house);
    await house.wake();
    await house.general.say(house.ada, "Have a look.", { attachments: [file] });
    const offer = await house.general.nextMessage((m) => m.components.length > 0);
    await house.fake.quiet();
    await bot.close();
    house.fake.cdn.expireAll();
    await InProcessBot.start(house);
    await house.general.press(house.ada, offer, "Attach to memory");
    await house.general.nextMessage((m) => CLOSING.test(m.content), 20_000);
    const closings = said(house.general).filter((line) => line.includes("Attached data source"));
    expect(closings).toHaveLength(1);
  });

  it("is not offered where the agents are not switched on", async () => {
    const house = await House.open({ config: AGENT_DOCS });
    await InProcessBot.start(house);
    await house.general.say(house.ada, "For Bob.", { attachments: [file] });
    await house.fake.quiet(500);
    expect(house.general.botMessages).toEqual([]);
  });
});
