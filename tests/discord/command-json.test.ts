import { describe, expect, it } from "vitest";
import type { IncomingFile } from "../../src/channels/ports.ts";
import { commandJson, isAnsweredInPublic, isRegistered } from "../../src/discord/command-json.ts";
import { choices, optionValues } from "../../src/discord/interaction-data.ts";
import { inviteUrl, NEEDED_PERMISSIONS, neededIntents } from "../../src/discord/invite.ts";
import { addToMemoryJson } from "../../src/discord/message-files.ts";
import { registerCommands } from "../../src/discord/register-commands.ts";
import { sampleCommands } from "./recording-host.ts";

const [attach, groupchat, outputs, memory] = sampleCommands.map(commandJson);

describe("commandJson", () => {
  it("offers commands in servers and in direct messages", () => {
    expect(attach).toMatchObject({ type: 1, name: "attach", contexts: [0, 1] });
  });

  it("puts required options first, each with its type", () => {
    expect(attach?.options.map((option) => [option.name, option.type])).toEqual([
      ["file", 11],
      ["agent", 3],
    ]);
    expect(attach?.options[1]).toMatchObject({ autocomplete: true, required: false });
    expect(memory?.options.slice(1)).toMatchObject([
      { type: 4, min_value: 1, max_value: 99 },
      { type: 5 },
      { type: 3, choices: [{ name: "recall", value: "recall" }, { value: "archival" }] },
    ]);
  });

  it("hides from ordinary members only what they can use nothing of", () => {
    expect(outputs?.default_member_permissions).toBe("16");
    expect(groupchat?.default_member_permissions).toBeNull();
    expect(memory?.default_member_permissions).toBeNull();
  });

  it("makes subcommands with options of their own", () => {
    expect(groupchat?.options).toMatchObject([
      { type: 1, name: "show", options: [] },
      { type: 1, name: "stop" },
    ]);
  });
});

describe("registering", () => {
  const wanted = [...sampleCommands.map(commandJson), addToMemoryJson];
  /** As Discord lists them: with fields of its own, defaults left out, in another order. */
  const listed = [...wanted].reverse().map((command) => ({
    ...command,
    id: "1",
    version: "2",
    nsfw: false,
    ...("options" in command
      ? {
          options: command.options.map(({ required, ...option }) =>
            required ? { ...option, required } : option,
          ),
        }
      : {}),
  }));

  it("tells Discord nothing when it knows the commands as they are", async () => {
    expect(isRegistered(wanted, listed)).toBe(true);
    const puts: unknown[] = [];
    const api = { commands: async () => listed, putCommands: async () => void puts.push(1) };
    expect(await registerCommands(api, "9", sampleCommands)).toBe(false);
    expect(puts).toEqual([]);
  });

  it("tells everything when anything differs", async () => {
    for (const other of [
      [],
      listed.slice(1),
      [...listed, { name: "old", description: "Old." }],
      listed.map((command, i) => (i === 0 ? { ...command, description: "New." } : command)),
      listed.map((command) => ({ ...command, default_member_permissions: "0" })),
      [null, 3],
    ]) {
      expect(isRegistered(wanted, other)).toBe(false);
    }
    const puts: unknown[] = [];
    const api = {
      commands: async () => [],
      putCommands: async (_: string, all: readonly unknown[]) => void puts.push(all),
    };
    expect(await registerCommands(api, "9", sampleCommands)).toBe(true);
    expect(puts).toEqual([wanted]);
  });
});

describe("isAnsweredInPublic", () => {
  it("shows changes and attachments to all, looking and refusals to the caller", () => {
    const [attachCommand, groupchatCommand, , memoryCommand] = sampleCommands;
    if (!attachCommand || !groupchatCommand || !memoryCommand) throw new Error("samples");
    expect(isAnsweredInPublic(attachCommand, undefined, false)).toBe(true);
    expect(isAnsweredInPublic(groupchatCommand, "stop", true)).toBe(true);
    expect(isAnsweredInPublic(groupchatCommand, "stop", false)).toBe(false);
    expect(isAnsweredInPublic(groupchatCommand, "show", true)).toBe(false);
    expect(isAnsweredInPublic(memoryCommand, undefined, true)).toBe(false);
    expect(isAnsweredInPublic({ ...attachCommand, in_private: true }, undefined, true)).toBe(false);
  });
});

describe("optionValues", () => {
  const file: IncomingFile = { id: "1", name: "a", size: 1, read: async () => new Uint8Array() };

  it("reads options by name, those of a subcommand and files included", () => {
    const upload = { id: "1", name: "a", size: 1, url: "u" };
    const values = optionValues(
      [
        {
          name: "show",
          options: [
            { name: "query", value: "x" },
            { name: "page", value: 0 },
            { name: "all", value: false },
            { name: "file", value: "1", attachment: upload },
          ],
        },
      ],
      () => file,
    );
    expect([...values]).toEqual([
      ["query", "x"],
      ["page", 0],
      ["all", false],
      ["file", file],
    ]);
  });

  it("takes names that objects have of their own as plain names", () => {
    const values = optionValues([{ name: "__proto__", value: "x" }], () => file);
    expect(values.get("__proto__")).toBe("x");
    expect(values.get("constructor")).toBeUndefined();
  });
});

describe("choices", () => {
  it("are at most 25, cut to 100 characters, none empty, none twice", () => {
    const many = Array.from({ length: 40 }, (_, i) => `n${i}`);
    expect(choices(many)).toHaveLength(25);
    expect(choices(["", " ", "a", "a", "b"])).toEqual([
      { name: "a", value: "a" },
      { name: "b", value: "b" },
    ]);
    expect(choices([`${"x".repeat(99)}😀`])[0]?.value).toBe("x".repeat(99));
  });
});

describe("the invite", () => {
  it("asks for exactly the permissions that have a reason", () => {
    const url = new URL(inviteUrl("123"));
    expect(url.origin + url.pathname).toBe("https://discord.com/oauth2/authorize");
    expect(Object.fromEntries(url.searchParams)).toEqual({
      client_id: "123",
      // View 1<<10, Send 1<<11, Attach 1<<15, History 1<<16, Webhooks 1<<29, Threads 1<<38
      permissions: String(2 ** 10 + 2 ** 11 + 2 ** 15 + 2 ** 16 + 2 ** 29 + 2 ** 38),
      scope: "bot applications.commands",
    });
    for (const { name, reason } of NEEDED_PERMISSIONS) expect(name && reason).not.toBe("");
  });

  it("needs the message content only when it is asked for", () => {
    expect(neededIntents(true).map(Number)).toEqual([1, 1 << 9, 1 << 12, 1 << 15]);
    expect(neededIntents(false).map(Number)).toEqual([1, 1 << 9, 1 << 12]);
  });
});
