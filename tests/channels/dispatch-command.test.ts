import { expect, test } from "vitest";
import type { Command, CommandCall, OptionValue } from "../../src/channels/command.ts";
import { dispatchCommand } from "../../src/channels/dispatch-command.ts";
import type { CommandRequest } from "../../src/channels/host.ts";
import { ColloquyError } from "../../src/shared/errors.ts";
import { RecordingLogger } from "../fakes/small-fakes.ts";
import { ada, file, general } from "./channel-world.ts";

const ran: CommandCall[] = [];
const run = async (call: CommandCall): Promise<void> => {
  ran.push(call);
  await call.reply("Done.");
};

const commands: readonly Command[] = [
  { name: "look", description: "Looks.", help: "", run },
  { name: "change", description: "Changes.", help: "", permission: "manage_channel", run },
  {
    name: "take",
    description: "Takes.",
    help: "",
    options: [
      { type: "file", name: "file", description: "A file", required: true },
      { type: "integer", name: "page", description: "A page", min: 1, max: 9 },
      { type: "string", name: "kind", description: "A kind", choices: ["a", "b"] },
      { type: "boolean", name: "all", description: "All of it" },
    ],
    run,
  },
  {
    name: "parts",
    description: "Has parts.",
    help: "",
    subcommands: [
      { name: "list", description: "Lists.", permission: "everyone" },
      { name: "drop", description: "Drops.", permission: "manage_channel" },
    ],
    run,
  },
];

async function dispatch(
  name: string,
  request: Partial<CommandRequest> = {},
  options: Record<string, OptionValue> = {},
): Promise<{ answer: string; calls: readonly CommandCall[]; logger: RecordingLogger }> {
  ran.length = 0;
  const replies: string[] = [];
  const logger = new RecordingLogger();
  await dispatchCommand(
    {
      name,
      subcommand: undefined,
      options: new Map(Object.entries(options)),
      person: ada,
      may_manage: false,
      reply: async (text) => {
        replies.push(text);
      },
      progress: () => {},
      ...request,
    },
    { commands, place: general, withSession: (work) => work(null as never), logger },
  );
  return { answer: replies.join("|"), calls: [...ran], logger };
}

test("runs a command with its options checked", async () => {
  const paper = file("paper.pdf", "x");
  const { answer, calls } = await dispatch(
    "take",
    {},
    { file: paper, page: 9, kind: "b", all: false },
  );
  expect(answer).toBe("Done.");
  expect([...(calls[0]?.options ?? [])]).toEqual([
    ["file", paper],
    ["page", 9],
    ["kind", "b"],
    ["all", false],
  ]);
  expect(calls[0]?.person).toEqual(ada);
  expect(calls[0]?.place).toEqual(general);
});

test("checks for itself who may change what all share", async () => {
  for (const [name, subcommand] of [
    ["change", undefined],
    ["parts", "drop"],
  ] as const) {
    const refused = await dispatch(name, { subcommand });
    expect(refused.calls).toEqual([]);
    expect(refused.answer).toMatch(
      /^You may not use \/(change|parts drop) here\. .*Manage Channels/,
    );
    expect((await dispatch(name, { subcommand, may_manage: true })).answer).toBe("Done.");
  }
  expect((await dispatch("look")).answer).toBe("Done.");
  expect((await dispatch("parts", { subcommand: "list" })).answer).toBe("Done.");
});

test("says what is wrong with a call, and runs nothing", async () => {
  const paper = { file: file("paper.pdf", "x") };
  const cases: [string, Partial<CommandRequest>, Record<string, OptionValue>, string][] = [
    ["nothing", {}, {}, "There is no command /nothing. See /help for the commands."],
    ["part", {}, {}, "There is no command /part. Did you mean /parts? See /help for all."],
    [
      "parts",
      { subcommand: "lst" },
      {},
      '/parts has no subcommand "lst". Did you mean /parts list?',
    ],
    ["constructor", {}, {}, "There is no command /constructor."],
    ["parts", {}, {}, "/parts needs a subcommand. It takes one of: list, drop."],
    ["parts", { subcommand: "x*" }, {}, '/parts has no subcommand "x\\*".'],
    ["take", {}, {}, 'The option "file" is missing. It is for this: A file.'],
    ["take", {}, { file: "paper.pdf" }, 'The option "file" must be a file.'],
    ["take", {}, { ...paper, page: 0 }, 'The option "page" must be at least 1.'],
    ["take", {}, { ...paper, page: 10 }, 'The option "page" must be at most 9.'],
    ["take", {}, { ...paper, page: 1.5 }, 'The option "page" must be a whole number.'],
    ["take", {}, { ...paper, kind: "c" }, 'The option "kind" must be one of: a, b.'],
    ["take", {}, { ...paper, kind: 1 }, 'The option "kind" must be a text.'],
    ["take", {}, { ...paper, all: "yes" }, 'The option "all" must be true or false.'],
    ["take", {}, { ...paper, other: "x" }, 'There is no option "other" here.'],
    ["look", {}, { __proto__x: "x" }, "There is no option"],
  ];
  for (const [name, request, options, wanted] of cases) {
    const { answer, calls, logger } = await dispatch(name, request, options);
    expect(answer).toContain(wanted);
    expect(calls, wanted).toEqual([]);
    expect(logger.lines.map(({ level }) => level)).toEqual(["info"]);
  }
});

test("answers a failure with one safe sentence, and logs its cause", async () => {
  const failing = async (error: unknown): Promise<{ answer: string; logged: unknown }> => {
    const replies: string[] = [];
    const logger = new RecordingLogger();
    await dispatchCommand(
      {
        name: "look",
        subcommand: undefined,
        options: new Map(),
        person: ada,
        may_manage: true,
        reply: async (text) => {
          replies.push(text);
        },
        progress: () => {},
      },
      { commands, place: general, withSession: () => Promise.reject(error), logger },
    );
    return { answer: replies.join("|"), logged: logger.lines[0]?.fields.error };
  };
  const inside = new Error("token abc");
  expect(await failing(inside)).toEqual({
    answer: "Something went wrong inside the bot. The log has the cause; nothing was lost.",
    logged: inside,
  });
  const told = new ColloquyError("x", "It is full", { next: "Make room." });
  expect(await failing(told)).toEqual({ answer: "It is full. Make room.", logged: told });
});

test("never rejects, even when the answer cannot be given", async () => {
  const { logger } = await dispatch("nothing", {
    reply: () => {
      throw new Error("gone");
    },
  });
  expect(logger.lines.map(({ message }) => message)).toContain(
    "a command's failure could not be answered",
  );
});
