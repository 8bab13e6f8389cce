import { describe, expect, it } from "vitest";
import { CommandAnswer } from "../../src/discord/command-answer.ts";
import type { OutgoingMessage } from "../../src/discord/discord-api.ts";
import { DiscordError } from "../../src/discord/discord-error.ts";
import { FakeClock } from "../fakes/fake-clock.ts";

const interaction = { id: "100000000000000001", token: "t", application_id: "2" };
const LONG = "All these words. ".repeat(300);

function make(options: { ephemeral?: boolean } = {}) {
  const clock = new FakeClock();
  const calls: string[] = [];
  const state = { closed: false };
  let ids = 0;
  const note = (call: string, message: OutgoingMessage): void => {
    const file = message.upload ? ` + ${message.upload.name}` : "";
    const seen = `${message.ephemeral ? " (ephemeral)" : ""}${file}`;
    calls.push(`${call}: ${message.content.slice(0, 20)}${seen}`);
  };
  const answer = new CommandAnswer({
    api: {
      editResponse: async (_, message) => {
        if (state.closed) throw new DiscordError("discord_interaction_gone", "Closed.");
        note("edit", message);
      },
      followUp: async (_, message) => {
        note("follow up", message);
        ids += 1;
        return `f${ids}`;
      },
      editFollowUp: async (_, id, message) => note(`edit ${id}`, message),
      deleteFollowUp: async (_, id) => void calls.push(`delete ${id}`),
      createMessage: async (_, message, nonce) => {
        expect(nonce.length).toBeLessThanOrEqual(25);
        note("post", message);
        ids += 1;
        return `m${ids}`;
      },
      editMessage: async (_, id, message) => note(`edit ${id}`, message),
    },
    clock,
    interaction,
    channel: "3",
    command: "memory",
    ephemeral: options.ephemeral ?? false,
  });
  return { answer, calls, clock, state };
}

describe("CommandAnswer", () => {
  it("keeps a long answer to the caller alone in all its messages", async () => {
    const { answer, calls } = make({ ephemeral: true });
    await answer.reply(LONG);
    expect(calls).toEqual([
      "edit: All these words. All",
      "follow up: All these words. All (ephemeral)",
      "follow up: All these words. All (ephemeral)",
    ]);
  });

  it("replaces all messages of an answer by those of the next", async () => {
    const { answer, calls } = make();
    await answer.reply(LONG);
    calls.length = 0;
    await answer.reply(`${"Other words. ".repeat(180)}`);
    expect(calls).toEqual([
      "edit: Other words. Other w",
      "edit f1: Other words. Other w",
      "delete f2",
    ]);
  });

  it("goes on in one message of the channel after a quarter of an hour", async () => {
    const { answer, calls, clock } = make();
    answer.progress("page 1");
    await clock.advance(15 * 60_000);
    answer.progress("page 2");
    await clock.advance(2_000);
    await answer.reply("65 passages");
    expect(calls).toEqual(["edit: page 1", "post: page 2", "edit m1: 65 passages"]);
  });

  it("notices that Discord closed it earlier", async () => {
    const { answer, calls, state } = make();
    state.closed = true;
    await answer.reply("done");
    expect(calls).toEqual(["post: done"]);
  });

  it("shows nobody else what was for the caller alone, however late", async () => {
    const { answer, calls, state } = make({ ephemeral: true });
    state.closed = true;
    await answer.reply(LONG);
    await answer.reply("private again");
    expect(calls).toEqual(["post: The answer to `/memo"]);
  });

  it("gives a file with the first message, and the next answer without it", async () => {
    const { answer, calls } = make();
    await answer.reply("Saved.", { name: "Sam.json", bytes: new Uint8Array([1]) });
    await answer.reply("Other.");
    expect(calls).toEqual(["edit: Saved. + Sam.json", "edit: Other."]);
  });

  it("does not leave a command thinking that answered nothing", async () => {
    const { answer, calls } = make();
    await answer.close();
    expect(calls).toEqual(["edit: Done."]);
  });
});
