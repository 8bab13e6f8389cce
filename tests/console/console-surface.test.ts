import { expect, test } from "vitest";
import type { Post } from "../../src/channels/ports.ts";
import { ConsoleSurface } from "../../src/console/console-surface.ts";
import { printable } from "../../src/console/printable.ts";
import type { Screen } from "../../src/console/screen.ts";
import { file, line } from "../channels/channel-world.ts";

class FakeScreen implements Screen {
  readonly styled: boolean;
  readonly live: boolean;
  readonly printed: string[] = [];
  readonly statuses: (string | undefined)[] = [];
  readonly previews: (string | undefined)[] = [];

  constructor(styled = false, live = styled) {
    this.styled = styled;
    this.live = live;
  }

  print(text: string): void {
    this.printed.push(text);
  }

  status(text: string | undefined): void {
    this.statuses.push(text);
  }

  preview(text: string | undefined): void {
    this.previews.push(text);
  }
}

const post = (changes: Partial<Post>): Post => ({
  id: "p1",
  voice: { name: "Mem" },
  text: "Hello.",
  traces: [],
  posted: 0,
  recovering: false,
  after: "1",
  drafted: [],
  ...changes,
});

test("lets no text drive the terminal", async () => {
  expect(printable("a\u001b[2Jb\u0007c\u009bd\te\r\nf\rg")).toBe("a[2Jbcd\te\nf\ng");
  const screen = new FakeScreen();
  const surface = new ConsoleSurface(screen);
  const evil = "\u001b]0;x\u0007";
  await surface.speak(post({ text: evil, voice: { name: evil }, traces: [evil] }), async () => {});
  await surface.notify(evil);
  await surface.progress(evil);
  surface.typing({ name: evil });
  surface.answer(evil);
  surface.draft(post({ id: "p2", voice: { name: evil } })).update(`a${evil}\n${evil}`, [evil]);
  await surface.offerAttachment(line(""), file(evil, ""), evil);
  const all = [...screen.printed, ...screen.statuses, ...screen.previews].join("");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not be there.
  expect(all).not.toMatch(/[\u001b\u0007]/);
});

test("shows an answer once, and counts it", async () => {
  const screen = new FakeScreen();
  const surface = new ConsoleSurface(screen);
  const counts: number[] = [];
  const count = async (posted: number): Promise<void> => {
    counts.push(posted);
  };
  await surface.speak(post({}), count);
  await surface.speak(post({ posted: 1, recovering: true }), count);
  expect(screen.printed).toEqual(["Mem\nHello.\n\n"]);
  expect(counts).toEqual([1]);
});

test("shows traces also where an agent said nothing", async () => {
  const screen = new FakeScreen();
  await new ConsoleSurface(screen).speak(
    post({ text: " ", traces: ["[notice] Nothing."] }),
    async () => {},
  );
  expect(screen.printed).toEqual(["Mem\n  [notice] Nothing.\n\n"]);
});

test("shows the bot's Markdown as bold where it can, and as plain text where it cannot", () => {
  const text = "**a\\_b\\*** is `here`, 2 * 3 ** 4 \\[x\\]";
  const plain = new FakeScreen();
  new ConsoleSurface(plain).answer(text);
  expect(plain.printed).toEqual(["a_b* is `here`, 2 * 3 ** 4 [x]\n\n"]);
  const styled = new FakeScreen(true);
  new ConsoleSurface(styled).answer(text);
  expect(styled.printed[0]).toContain("\u001b[1ma_b*\u001b[0m is `here`");
});

test("leaves what agents say as they wrote it", async () => {
  const screen = new FakeScreen(true);
  await new ConsoleSurface(screen).speak(post({ text: "**bold** \\*x\\*" }), async () => {});
  expect(screen.printed[0]).toContain("**bold** \\*x\\*");
});

test("removes the status with the answer that it was for", () => {
  const screen = new FakeScreen(true);
  const surface = new ConsoleSurface(screen);
  surface.working("Reading\na …");
  surface.answer("Attached.");
  const stop = surface.typing({ name: "Mem" });
  stop();
  expect(screen.statuses).toEqual(["Reading a …", undefined, "Mem is thinking …", undefined]);
});

test("asks nobody who speaks next where output is piped, so that nobody is waited for", async () => {
  const screen = new FakeScreen();
  const menu = { id: "who:a.1", label: "Who speaks next?", options: ["Mem", "Pat"] };
  const asked = new ConsoleSurface(screen).notify("Who speaks next?", [menu]);
  await expect(asked).rejects.toMatchObject({ code: "nobody_asked" });
  expect(screen.printed).toEqual([]);
});

test("says what to type for what can be pressed elsewhere", async () => {
  const screen = new FakeScreen(false, true);
  const surface = new ConsoleSurface(screen);
  await surface.notify("Who speaks next?", [
    { id: "who:a.1", label: "Who speaks next?", options: ["Mem", "Pat"] },
    { id: "stop:a", label: "Stop" },
    { id: "continue:a.1", label: "Continue" },
  ]);
  expect(screen.printed.join("")).toBe(
    "Who speaks next?\nType: /groupchat next NAME, one of Mem, Pat\nType: STOP\nType: /groupchat continue\n\n",
  );
});
