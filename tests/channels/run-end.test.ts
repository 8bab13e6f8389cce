import { expect, test } from "vitest";
import type { RunResult } from "../../src/autogen/index.ts";
import { BudgetError } from "../../src/channels/budget.ts";
import { endOfRunText, mayGoOn } from "../../src/channels/run-end.ts";
import { ColloquyError, ModelError } from "../../src/shared/errors.ts";
import { call, endless, general, line, start, until, world } from "./channel-world.ts";

test.each<[RunResult["reason"], RegExp, unknown?]>([
  ["max_round", /^The round limit is reached \(3 messages\)\. Write to go on\.$/],
  ["termination", /^The last message ends the run\. The floor is yours\.$/],
  ["human_stop", /^Stopped\. The floor is yours\.$/],
  ["aborted", /^Stopped by Ada\. The floor/, new ColloquyError("stopped", "Stopped by Ada")],
  ["aborted", /^Stopped\. The floor/, new Error("secret")],
  ["no_eligible_speaker", /^Nobody at the table may speak next/],
  ["auto_reply_limit", /^The limit of automatic replies is reached/],
  ["null_reply", /had nothing to say/],
  [
    "budget",
    /^The budget of one run is used up: 5 of 5 tokens\./,
    new BudgetError("run", "5 of 5 tokens"),
  ],
  ["error", /^The model is away\.$/, new ModelError("unavailable", "The model is away")],
  ["error", /^Something went wrong inside the bot\./, new Error("secret")],
  ["timeout", /^The run ended: timeout\. The floor is yours\.$/],
])("a run that ended by %s tells people why, in one line", (reason, text, error) => {
  const said = endOfRunText({ reason, rounds: 3, ...(error ? { error } : {}) });
  expect(said).toMatch(text);
  expect(said).not.toContain("\n");
  expect(said).not.toContain("secret");
});

test("only the floor, where the people are asked as usual, needs no line", () => {
  expect(endOfRunText({ reason: "floor", rounds: 3 })).toBeUndefined();
});

test("what a day's budget ended is not to be gone on with, what a run's did is", () => {
  const ended = (scope: "run" | "channel_per_day") =>
    mayGoOn({ reason: "budget", rounds: 1, error: new BudgetError(scope, "x") });
  expect(ended("run")).toBe(true);
  expect(ended("channel_per_day")).toBe(false);
});

test("a failing model is told where the talk is, and may be tried again", async () => {
  const w = world({
    plain: endless(() => {
      throw new ModelError("unavailable", "The model is away");
    }),
  });
  const host = await start(w);
  await host.receive(general, line("one"));
  expect(w.surface.notices).toEqual(["The model is away."]);
  await until(() => w.surface.standing.length > 0);
  expect(w.surface.standing[0]?.label).toBe("Continue");
  expect(await call(host, "groupchat", "show")).toContain("The floor is yours.");
});
