import { afterEach, describe, expect, it } from "vitest";
import { type Answer, FakeOpenAiServer } from "../fakes/openai-server.ts";
import { closeHouses, House, isBy, listsFor, PLAIN_KEY, said } from "./house.ts";
import { InProcessBot } from "./in-process.ts";
import { isMemgpt, say, textOf } from "./model-scripts.ts";

afterEach(closeHouses);

const LIMITS = { limits: { model_timeout_ms: 1_500 } };

/** Ways to fail for good, and the one sentence that people get. */
const FAULTS: readonly [what: string, answer: Answer, sentence: RegExp][] = [
  ["500s", { status: 500, error: { message: "boom" } }, /is out of order\..*status 500/],
  ["429s", { status: 429, error: { message: "slow down" } }, /asks for fewer requests/],
  ["a refused key", { status: 401, error: { message: `Bad ${PLAIN_KEY}` } }, /refused the API key/],
  ["no quota", { status: 429, error: { code: "insufficient_quota" } }, /has no quota left/],
  [
    "an unknown model",
    { status: 404, error: { code: "model_not_found", message: "The model does not exist" } },
    /knows no model plain-model/,
  ],
  ["a wrong path", { status: 404, error: { message: "?" } }, /does not know the path/],
  ["silence", { fault: "stall_before_headers" }, /did not answer in time/],
  ["silence in mid-answer", { fault: "stall_mid_body" }, /did not answer in time|fell silent/],
  ["a closed connection", { fault: "drop" }, /closed the connection|connection .* broke/],
  ["a web page", { fault: "html" }, /did not answer as a chat model does/],
  ["broken JSON", { fault: "broken_json" }, /did not answer as a chat model does/],
  ["no body", { fault: "no_body" }, /answered with nothing|did not answer as a chat model/],
  ["no choices", { fault: "no_choices" }, /did not answer as a chat model does|with nothing/],
  ["an error with status 200", { error_200: { message: "oops" } }, /with an error instead/],
  ["an empty answer", "", /answered with nothing|had nothing to say/],
];

describe("a model that fails", () => {
  it("is told in one clear sentence, logged with its cause, and forgotten with the next line", async () => {
    let broken: Answer | undefined;
    const house = await House.open({
      model: (body) => (isMemgpt(body) ? say("Coder here.") : (broken ?? "Manager here.")),
      config: LIMITS,
    });
    const bot = await InProcessBot.start(house);
    await house.wake();
    let runs = 0;
    for (const [what, answer, sentence] of FAULTS) {
      broken = answer;
      const before = said(house.general).length;
      const logged = bot.lines.length;
      await house.general.say(house.ada, `Do you hear me, in spite of ${what}?`);
      runs += 1;
      await bot.runsEnded(runs);
      await house.fake.quiet(150);
      const told = said(house.general).slice(before);
      expect(told, what).toEqual([expect.stringMatching(/^colloquy: .*\.$/s)]);
      expect(told[0], what).toMatch(sentence);
      expect(told[0], what).not.toContain(PLAIN_KEY);
      const fresh = bot.lines.slice(logged);
      expect(
        fresh.some((line) => line.level === "error" || line.level === "warn"),
        what,
      ).toBe(true);
      broken = undefined;
      expect((await house.ask("And now?")).content, what).toContain("Coder here.");
      runs += 1;
      await bot.runsEnded(runs);
    }
  }, 90_000);

  it("is asked once more after a 429 or a cut answer, without a word to the people", async () => {
    const house = await House.open({
      model: (body) => (isMemgpt(body) ? say("Coder here.") : "Manager here."),
      config: LIMITS,
    });
    await InProcessBot.start(house);
    await house.wake();
    const busy = { status: 429, error: { message: "slow" }, headers: { "retry-after-ms": "50" } };
    house.models?.script(busy);
    await house.ask("One?");
    house.models?.script({ fault: "cut" });
    await house.ask("Two?");
    const once = ["Product_manager: Manager here.", "MemGPT_coder: Coder here."];
    expect(said(house.general)).toEqual([...once, ...once]);
  });

  it("is not waited for when it is down, and answers again when it is back", async () => {
    const house = await House.open({ model: () => "never" });
    const port = Number(new URL(house.models?.origin ?? "").port);
    await house.models?.close();
    await InProcessBot.start(house);
    await house.wake();
    await house.general.say(house.ada, "Hello?");
    const told = await house.general.nextMessage((m) => m.interaction === undefined);
    expect(told.content).toMatch(
      /cannot be reached\. Nothing listens at http:\/\/127\.0\.0\.1:\d+/,
    );
    const back = await FakeOpenAiServer.start(
      (body) => (isMemgpt(body) ? say("Coder here.") : "Manager here."),
      port,
    );
    house.bots.push(back);
    expect((await house.ask("Hello?")).content).toContain("Coder here.");
  });

  it("is replaced by the next entry of the list, for each request anew", async () => {
    const house = await House.open({ model: () => ({ status: 500, error: { message: "boom" } }) });
    const second = await FakeOpenAiServer.start((body) =>
      isMemgpt(body) ? say("Second coder.") : "Second manager.",
    );
    house.bots.push(second);
    const [first, other] = [listsFor(house.models?.base_url ?? ""), listsFor(second.base_url)];
    house.configure({
      config_list: [first.config_list, other.config_list].flat(),
      config_list_memgpt: [first.config_list_memgpt, other.config_list_memgpt].flat(),
      embedding: "offline",
    });
    const bot = await InProcessBot.start(house);
    await house.wake();
    await house.ask("Who is there?");
    expect(said(house.general)).toEqual([
      "Product_manager: Second manager.",
      "MemGPT_coder: Second coder.",
    ]);
    expect(house.models?.requests.length).toBeGreaterThanOrEqual(2);
    expect(bot.logged("A model request failed.").length).toBeGreaterThanOrEqual(2);
  });
});

describe("a MemGPT agent whose model misbehaves", () => {
  async function answersOf(answer: Answer): Promise<{ house: House; bot: InProcessBot }> {
    const house = await House.open({
      model: (body) => (isMemgpt(body) ? answer : "Manager here."),
      config: { ...LIMITS, limits: { ...LIMITS.limits, max_chain: 12 } },
    });
    const bot = await InProcessBot.start(house);
    await house.wake();
    await house.general.say(house.ada, "What now?");
    await bot.runsEnded(1);
    await house.fake.quiet(150);
    return { house, bot };
  }

  /** What the MemGPT agent or the bot has to say in the end, grey lines included. */
  function outcome(house: House): string[] {
    return house.general.botMessages
      .filter((m) => m.interaction === undefined && !isBy("Product_manager", m))
      .map((m) => m.content);
  }

  it("takes prose for the message it surely is", async () => {
    const { house } = await answersOf("I simply talk.");
    expect(outcome(house).at(-1)).toMatch(/I simply talk\.$/);
  });

  it.each<[string, Answer, RegExp]>([
    [
      "calls functions that do not exist",
      { calls: [{ name: "constructor", args: {} }] },
      /limit for one reply/,
    ],
    [
      "writes arguments that are no JSON",
      { calls: [{ name: "send_message", args: "{{{{ no" }] },
      /cannot be read|no answer/,
    ],
    ["says nothing at all", { content: null }, /answered with nothing|found no answer/],
    [
      "asks for heartbeats without end",
      { calls: [{ name: "conversation_search", args: { query: "x", request_heartbeat: true } }] },
      /limit for one reply/,
    ],
  ])("comes to an end that is told when it %s", async (_, answer, told) => {
    const { house } = await answersOf(answer);
    expect(outcome(house)).toHaveLength(1);
    expect(outcome(house)[0]).toMatch(told);
    expect(house.models?.requests.length).toBeLessThan(40);
  });

  it("makes room and goes on when the provider says that the window is full", async () => {
    const long = "word ".repeat(900);
    let refusals = 0;
    const house = await House.open({
      model: (body) => {
        if (!isMemgpt(body)) return "Manager here.";
        if (textOf(body).length < 12_000) return say(`Heard. ${long}`);
        refusals += 1;
        const message = "This model's maximum context length is 2000 tokens.";
        return { status: 400, error: { message, code: "context_length_exceeded" } };
      },
    });
    const bot = await InProcessBot.start(house);
    await house.wake();
    for (let i = 0; i < 4; i += 1) {
      expect((await house.ask(`Line ${i}: ${long.slice(0, 1500)}`)).content).toContain("Heard.");
      await bot.runsEnded(i + 1);
    }
    expect(refusals).toBeGreaterThan(0);
  });

  it("says so when the provider's window is too small for anything", async () => {
    const error = { message: "maximum context length", code: "context_length_exceeded" };
    const { house } = await answersOf({ status: 400, error });
    expect(outcome(house)).toEqual([
      expect.stringMatching(/no longer fits into the context window/),
    ]);
  });
});
