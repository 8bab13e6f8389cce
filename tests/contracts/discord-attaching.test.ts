import { describe, expect, it } from "vitest";
import type { AttachRequest } from "../../src/channels/host.ts";
import { aBotIsLoggedIn, house, pdf, placeOf, textOf, until } from "./discord-house.ts";

const MENU = "Add to archival memory";

/** Somebody waits until the call is cancelled. */
async function untilCancelled({ signal, progress }: Pick<AttachRequest, "signal" | "progress">) {
  progress("Reading a.pdf: page 1 of 9 …");
  await until(() => signal?.aborted === true, "the cancel button");
}

describe("Add to archival memory", () => {
  aBotIsLoggedIn();

  it("takes all files of a message, with its address", async () => {
    const { ada, general, guild, host } = house;
    const names = ["a.pdf", "b.txt"];
    const attachments = names.map((name) => ({ name, bytes: `bytes of ${name}` }));
    const message = await general.say(ada, "look", { attachments });
    host.onAttach = async ({ files, reply }) => {
      const texts = await Promise.all(files.map(pdf));
      await reply(texts.join(", "));
    };
    house.fake.cdn.expireAll();
    const call = await general.messageCommand(house.manager, MENU, message);
    expect(await call.answer()).toBe("bytes of a.pdf, bytes of b.txt");
    expect([call.deferred, call.ephemeral]).toEqual([true, false]);
    const [{ place, request } = { place: undefined, request: undefined }] = host.attachments;
    expect(place).toEqual(placeOf(general));
    expect(request?.person.display_name).toBe("Boss");
    expect(request?.files.map((file) => [file.name, file.link])).toEqual(
      names.map((name) => [
        name,
        `https://discord.com/channels/${guild.id}/${general.id}/${message.id}`,
      ]),
    );
  });

  it("takes the text where there are no files", async () => {
    const { ada, general, host } = house;
    const message = await general.say(ada, "The deadline is in May – surely.");
    await (await general.messageCommand(ada, MENU, message)).answer();
    const [file] = host.attachments[0]?.request.files ?? [];
    expect(file?.name).toMatch(/^message of Ada.*, \d{4}-\d\d-\d\d\.txt$/);
    expect(textOf((await file?.read()) ?? new Uint8Array())).toBe(
      "The deadline is in May – surely.",
    );
  });
});

describe("work that takes long", () => {
  aBotIsLoggedIn();

  it("is cancelled by its button, by the one whose it is", async () => {
    const { ada, general, host, manager } = house;
    host.onCommand = async (request) => {
      await untilCancelled(request);
      await request.reply("Cancelled.");
    };
    const options = { file: { name: "a.pdf", bytes: "%PDF-1" } };
    const call = await general.slash(ada, "attach", { options });
    await call.answer({ until: (text) => text.startsWith("Reading") });
    const [shown] = call.messages;
    if (!shown) throw new Error("no progress");
    const other = await general.press(manager, shown, "Cancel");
    expect(await other.answer()).toBe("This is not yours to press.");
    await (await general.press(ada, shown, "Cancel")).acknowledged();
    expect(await call.answer({ until: (text) => text === "Cancelled." })).toBe("Cancelled.");
    expect(shown.components).toEqual([]);
  });

  it("that began with a posted file is cancelled too", async () => {
    const { ada, general, host } = house;
    await general.say(ada, "look");
    await until(() => host.received.length === 1, "the line");
    let cancelled = false;
    const person = { id: ada.id, display_name: "Ada" };
    const cancel = (): void => {
      cancelled = true;
    };
    const progress = await host.surface(placeOf(general)).progress("Reading …", { person, cancel });
    const shown = general.botMessages.at(-1);
    if (!shown) throw new Error("no progress");
    await (await general.press(ada, shown, "Cancel")).acknowledged();
    expect(cancelled).toBe(true);
    await progress.finish("Cancelled.");
    expect([shown.content, shown.components]).toEqual(["Cancelled.", []]);
  });

  it("says so when its button is pressed too late", async () => {
    const { ada, general, host } = house;
    const person = { id: ada.id, display_name: "Ada" };
    const progress = await host
      .surface(placeOf(general))
      .progress("Reading …", { person, cancel: () => {} });
    const shown = general.botMessages.at(-1);
    if (!shown) throw new Error("no progress");
    const before = { ...shown, components: [...shown.components] };
    await progress.finish("Done.");
    const late = await general.press(ada, before, "Cancel");
    expect(await late.answer()).toBe("This button no longer does anything.");
  });
});

describe("a locked file", () => {
  aBotIsLoggedIn();

  it("is opened with a password from a modal, which no log line has", async () => {
    const { ada, general, host } = house;
    const given: (string | undefined)[] = [];
    host.onCommand = async ({ askPassword, reply }) => {
      given.push(await askPassword?.("a_*.pdf", false), await askPassword?.("a.pdf", true));
      await reply("Attached.");
    };
    const options = { file: { name: "a.pdf", bytes: "%PDF-1" } };
    const call = await general.slash(ada, "attach", { options });
    for (const [sentence, password] of [
      ["encrypted", "hunter2"],
      ["Try again", "open-sesame"],
    ] as const) {
      await call.answer({ until: (text) => text.includes(sentence) });
      const [shown] = call.messages;
      if (!shown) throw new Error("no question");
      const press = await general.press(ada, shown, "Enter password");
      await press.acknowledged();
      expect(JSON.stringify(press.modal)).toContain("Password of a");
      await (await general.submitModal(ada, press, { password })).acknowledged();
    }
    expect(await call.answer({ until: (text) => text === "Attached." })).toBe("Attached.");
    expect(given).toEqual(["hunter2", "open-sesame"]);
    expect(call.messages[0]?.components).toEqual([]);
    expect(JSON.stringify(house.logger.lines)).not.toMatch(/hunter2|sesame/);
  });

  it("that was offered is asked for from the one who pressed, alone", async () => {
    const { ada, general, host } = house;
    await general.say(ada, "look", { attachments: [{ name: "a.pdf", bytes: "%PDF-1" }] });
    await until(() => host.received.length === 1, "the file");
    const [{ message } = { message: undefined }] = host.received;
    const [file] = message?.files ?? [];
    if (!message || !file) throw new Error("no file");
    expect(file.link).toContain(message.id);
    await host.surface(placeOf(general)).offerAttachment(message, file, "Attach a.pdf?");
    const button = general.botMessages.at(-1);
    if (!button) throw new Error("no button");
    let given: string | undefined;
    host.onOffer = async (_, askPassword) => {
      given = await askPassword?.("a.pdf", false);
    };
    const call = await general.press(ada, button, "Attach to memory");
    await call.answer({ until: (text) => text.includes("encrypted") });
    const asked = call.messages.at(-1);
    if (!asked) throw new Error("no question");
    expect(general.botMessages).not.toContain(asked);
    const press = await general.press(ada, asked, "Enter password");
    await press.acknowledged();
    await (await general.submitModal(ada, press, { password: "x" })).acknowledged();
    await until(() => given === "x", "the password");
  });
});
