import { describe, expect, it } from "vitest";
import type { IncomingFile } from "../../src/channels/ports.ts";
import { ColloquyError } from "../../src/shared/errors.ts";
import {
  aBotIsLoggedIn,
  house,
  letPass,
  pdf,
  placeOf,
  realClock,
  removeFrom,
  said,
  until,
} from "./discord-house.ts";

describe("commands on Discord", () => {
  aBotIsLoggedIn();

  it("answers a look to the caller alone, and a change to all", async () => {
    const look = await house.general.slash(house.ada, "groupchat", { subcommand: "show" });
    expect(await look.answer()).toBe("ok");
    expect([look.deferred, look.ephemeral]).toEqual([true, true]);
    const stop = await house.general.slash(house.manager, "groupchat", { subcommand: "stop" });
    expect(await stop.answer()).toBe("ok");
    expect(stop.ephemeral).toBe(false);
  });

  it("hands over name, options, person and permission", async () => {
    const { ada, general, host, manager } = house;
    const options = { query: "virtual context", page: 2, all: true, part: "recall" };
    await (await general.slash(ada, "memory", { options })).answer();
    await (await general.slash(manager, "groupchat", { subcommand: "stop" })).answer();
    const [first, second] = host.requests;
    expect(first?.place).toEqual(placeOf(general));
    expect(first?.request.name).toBe("memory");
    expect(first?.request.subcommand).toBeUndefined();
    expect(Object.fromEntries(first?.request.options ?? [])).toEqual(options);
    expect(first?.request.person).toEqual({ id: ada.id, display_name: "Ada L." });
    expect([first?.request.may_manage, second?.request.may_manage]).toEqual([false, true]);
    expect(second?.request.subcommand).toBe("stop");
  });

  it("lets everyone manage their own direct messages", async () => {
    const dm = house.fake.openDm(house.ada);
    await (await dm.slash(house.ada, "memory", { options: { query: "x" } })).answer();
    expect(house.host.requests[0]?.request.may_manage).toBe(true);
    expect(house.host.requests[0]?.place.kind).toBe("dm");
  });

  it("reads the file that came with a command, and shows progress before the answer", async () => {
    house.host.onCommand = async (request) => {
      const file = request.options.get("file") as IncomingFile;
      for (let page = 1; page <= 20; page += 1) request.progress(`page ${page}`);
      await realClock.sleep(100);
      await request.reply(`${file.name}: ${await pdf(file)}`);
    };
    const call = await house.general.slash(house.ada, "attach", {
      options: { file: { name: "a.pdf", bytes: "%PDF-1" } },
    });
    expect(await call.answer({ until: (text) => text.startsWith("a.pdf") })).toBe("a.pdf: %PDF-1");
    expect(call.edits.length).toBeLessThanOrEqual(3);
    expect(call.edits[0]).toMatch(/^page/);
  });

  it("gives a file with an answer", async () => {
    house.host.onCommand = (request) =>
      request.reply("Saved.", {
        file: { name: "Sam.colloquy.json", bytes: new TextEncoder().encode('{"ü":1}') },
      });
    const call = await house.general.slash(house.ada, "memory", { options: { query: "x" } });
    expect(await call.answer()).toBe("Saved.");
    const [file] = call.messages[0]?.attachments ?? [];
    expect(file?.name).toBe("Sam.colloquy.json");
    expect(file?.bytes.length).toBe(8);
  });

  it("splits a long answer, replaces it in place, and always ends thinking", async () => {
    house.host.onCommand = async (request) => {
      await request.reply("All these words. ".repeat(300));
      await request.reply("short");
    };
    const call = await house.general.slash(house.ada, "memory", { options: { query: "x" } });
    expect(await call.answer({ until: (text) => text === "short" })).toBe("short");
    expect(call.messages).toHaveLength(1);
    house.host.onCommand = async () => {};
    const silent = await house.general.slash(house.ada, "memory", { options: { query: "x" } });
    expect(await silent.answer()).toBe("Done.");
  });

  it("answers with one sentence when a command fails", async () => {
    house.host.onCommand = async () => {
      throw new ColloquyError("store_locked", "The store is locked.");
    };
    const call = await house.general.slash(house.ada, "memory", { options: { query: "x" } });
    expect(await call.answer()).toBe("The store is locked.");
    house.host.onCommand = async () => {
      throw new Error("secret detail");
    };
    const other = await house.general.slash(house.ada, "memory", { options: { query: "x" } });
    expect(await other.answer()).not.toContain("secret");
  });

  it("goes on in the channel when Discord has closed the command", async () => {
    house.host.onCommand = async (request) => {
      await request.reply("working");
      letPass(15 * 60_000);
      await request.reply("finished at last");
      await request.reply("really finished");
    };
    await house.general.slash(house.manager, "groupchat", { subcommand: "stop" });
    await house.general.nextMessage((message) => message.content === "really finished");
    expect(said(house.general).at(-1)).toBe("colloquy: really finished");
  });

  it("acknowledges two hundred calls within three seconds each", async () => {
    house.host.onCommand = async (request) => {
      await realClock.sleep(50);
      await request.reply("ok");
    };
    const calls = await Promise.all(
      Array.from({ length: 200 }, () =>
        house.general.slash(house.ada, "memory", { options: { query: "x" } }),
      ),
    );
    await Promise.all(calls.map((call) => call.acknowledged()));
    const slowest = Math.max(...calls.map((call) => call.acknowledgedAfterMs ?? 9_999));
    expect(slowest).toBeLessThan(3_000);
    await house.fake.quiet(300);
  });

  it("offers at most 25 choices of 100 characters, and none when the host fails", async () => {
    const { ada, general, host } = house;
    host.onComplete = async () => [
      "",
      "twice",
      "twice",
      ...Array.from({ length: 40 }, (_, i) => `${i} ${"x".repeat(150)}`),
    ];
    const offered = await general.autocomplete(ada, "attach", { option: "agent", typed: "x" });
    expect(offered).toHaveLength(25);
    expect(offered[0]).toEqual({ name: "twice", value: "twice" });
    expect(Math.max(...offered.map((choice) => choice.name.length))).toBe(100);
    expect(host.completions).toEqual([{ option: "agent", typed: "x" }]);
    host.onComplete = async () => {
      throw new Error("no");
    };
    expect(await general.autocomplete(ada, "attach", { option: "agent", typed: "" })).toEqual([]);
  });

  it("answers autocomplete in time when the host does not", async () => {
    house.host.onComplete = () => new Promise(() => {});
    const { ada, general } = house;
    expect(await general.autocomplete(ada, "attach", { option: "agent", typed: "" })).toEqual([]);
  });
});

describe("an offered file", () => {
  aBotIsLoggedIn();

  async function offer() {
    const { ada, general, host } = house;
    await general.say(ada, "look", { attachments: [{ name: "a.pdf", bytes: "%PDF-1" }] });
    await until(() => host.received.length === 1, "the file");
    const [{ place, message } = { place: undefined, message: undefined }] = host.received;
    const [file] = message?.files ?? [];
    if (!place || !message || !file) throw new Error("no file");
    await host.surface(place).offerAttachment(message, file, "Attach a.pdf?");
    const button = general.botMessages.at(-1);
    if (!button) throw new Error("no button");
    return button;
  }

  it("is fetched anew when somebody presses, and the button is used up", async () => {
    const button = await offer();
    let read: string | undefined;
    house.host.onOffer = async (file) => {
      read = await pdf(file);
    };
    house.fake.cdn.expireAll();
    const call = await house.general.press(house.manager, button, "Attach to memory");
    await call.acknowledged();
    await until(() => read !== undefined, "the file to be read");
    expect(read).toBe("%PDF-1");
    expect(house.host.offers[0]?.person.display_name).toBe("Boss");
    expect(JSON.stringify(button.components)).toContain('"disabled":true');
    expect(button.content).toBe("Attach a.pdf?");
  });

  it("that is gone is told to the one who pressed", async () => {
    const button = await offer();
    const [message] = house.general.messages;
    if (message) removeFrom(house.general, message.id);
    const call = await house.general.press(house.ada, button, "Attach to memory");
    expect(await call.answer()).toContain("That file is gone");
    expect(house.host.offers).toEqual([]);
  });

  it("can be taken up again when attaching failed", async () => {
    const button = await offer();
    house.host.onOffer = async () => {
      throw new ColloquyError("store_full", "The disk is full.");
    };
    const call = await house.general.press(house.ada, button, "Attach to memory");
    await call.answer({ until: (text) => text.includes("The disk is full.") });
    house.host.onOffer = async () => {};
    await house.general.press(house.ada, button, "Attach to memory");
    await until(() => house.host.offers.length === 2, "the second press");
  });
});
