import { afterEach, describe, expect, it } from "vitest";
import type { GivenFile } from "../fakes/discord/command-input.ts";
import { makePdf } from "../fakes/make-pdf.ts";
import { smallPaper } from "../fixtures/small-paper.ts";
import { closeHouses, House } from "./house.ts";
import { InProcessBot } from "./in-process.ts";

afterEach(closeHouses);

const REFUSED: readonly [what: string, file: GivenFile, sentence: RegExp][] = [
  [
    "an encrypted PDF",
    { name: "locked.pdf", bytes: makePdf([["Secret."]], { encrypted: true }) },
    /^locked\.pdf is encrypted\. Its password is needed to read it, and is not kept\.$/,
  ],
  [
    "a damaged PDF",
    { name: "broken.pdf", bytes: "%PDF-1.4\nand nothing that follows" },
    /^This PDF is damaged and cannot be opened\. It has no end: .* Check that it opens/,
  ],
  ["an empty file", { name: "empty.pdf", bytes: new Uint8Array() }, /empty/i],
  ["a PDF without text", { name: "scan.pdf", bytes: makePdf([[]]) }, /no text on it.*OCR/s],
  [
    "a program with another name",
    { name: "report.pdf", bytes: new Uint8Array([0x4d, 0x5a, 0x90, 0, 3, 0, 0, 0, 4, 0, 0xff]) },
    /This is a Windows program/,
  ],
  [
    "a file over the limit",
    { name: "huge.txt", bytes: new Uint8Array(300 * 1024).fill(0x61) },
    /too large.*0\.25 MB/s,
  ],
];

describe("a file that cannot be attached", () => {
  it("is refused with one clear sentence that says what is wrong with it, and leaves nothing", async () => {
    const house = await House.open({ config: { limits: { max_file_bytes: 256 * 1024 } } });
    const bot = await InProcessBot.start(house);
    await house.fake.commandsRegistered();
    for (const [what, file, sentence] of REFUSED) {
      const call = await house.general.slash(house.ada, "attach", { options: { file } });
      const isEnd = (text: string): boolean => !text.startsWith("Reading ");
      const answer = await call.answer({ until: isEnd, timeoutMs: 15_000 });
      expect(answer.replace(/\n/g, " "), what).toMatch(sentence);
    }
    const list = await house.general.slash(house.ada, "sources", { subcommand: "list" });
    expect(await list.answer()).toContain("no data sources here");
    const count = await house.general.slash(house.ada, "memory", { subcommand: "archival" });
    expect(await count.answer()).toContain("0 passages");
    expect(bot.lines.filter((line) => line.level === "error")).toEqual([]);
  });

  it("is told to be posted again when its address has expired for good", async () => {
    const house = await House.open();
    await InProcessBot.start(house);
    await house.fake.commandsRegistered();
    house.fake.inject({
      match: { route: /attachments\// },
      kind: { status: 404, body: "This content is no longer available." },
      times: 5,
    });
    const file = { name: "paper.pdf", bytes: smallPaper() };
    const call = await house.general.slash(house.ada, "attach", { options: { file } });
    const answer = await call.answer({ until: (text) => text.includes("expired") });
    expect(answer).toMatch(/The link to this file has expired.*Post the file again/s);
  });

  it("is gone when its message was deleted before the button was pressed", async () => {
    const house = await House.open();
    await InProcessBot.start(house);
    await house.wake();
    const file = { name: "paper.pdf", bytes: smallPaper() };
    const posted = await house.general.say(house.ada, "", { attachments: [file] });
    const offer = await house.general.nextMessage((m) => m.components.length > 0);
    house.general.deleteMessage(posted);
    const press = await house.general.press(house.ada, offer, "Attach to memory");
    expect(await press.answer()).toContain("That file is gone");
  });
});
