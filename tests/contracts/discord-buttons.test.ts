import { describe, expect, it } from "vitest";
import type { Control } from "../../src/channels/ports.ts";
import { post } from "../discord/recording-host.ts";
import type { FakeChannel } from "../fakes/discord/fake-channel.ts";
import type { FakeMessage } from "../fakes/discord/records.ts";
import { aBotIsLoggedIn, house, placeOf, until } from "./discord-house.ts";

const stop: Control = { id: "stop:a", label: "Stop" };
const skip: Control = { id: "skip:a.1.0", label: "Skip" };

function labels({ components }: FakeMessage): string {
  const rows = components as { components: { label: string }[] }[];
  return rows.flatMap((row) => row.components.map(({ label }) => label)).join(" ");
}

/** Posts the text with buttons, and then another line without any. */
async function moves(
  channel: FakeChannel,
  kind: "channel" | "thread" | "dm",
  text = "One.",
): Promise<void> {
  const surface = house.host.surface(placeOf(channel, kind));
  await surface.speak(post({ id: "p1", text, controls: [stop, skip] }), async () => {});
  expect(channel.botMessages.map(labels).at(-1)).toBe("Stop Skip");
  await surface.speak(post({ id: "p2", text: "Two." }), async () => {});
  await until(() => channel.botMessages.every((m) => labels(m) === ""), "the buttons to go");
}

describe("the buttons of a run on Discord", () => {
  aBotIsLoggedIn();

  it("come with a post, in no request of their own, and go with one when there is a newer one", async () => {
    await moves(house.general, "channel");
    const writes = house.fake.requests.filter(({ method }) => method !== "GET");
    expect(writes.filter(({ route }) => /^\/webhooks/.test(route))).toHaveLength(3);
    expect(writes.filter(({ method }) => method === "PATCH")).toHaveLength(1);
  });

  it("are under an agent's voice in a thread, and under the bot's name in a direct message", async () => {
    await moves(house.general.addThread({ name: "details" }), "thread");
    const dm = house.fake.openDm(house.ada);
    await moves(dm, "dm");
    expect(dm.botMessages.at(-1)?.content).toBe("**MemGPT_coder**\nTwo.");
  });

  it("stand under the last piece only, and leave a file where it is", async () => {
    await moves(house.general, "channel", "All these words. ".repeat(300));
    expect(house.general.botMessages).toHaveLength(4);
    await moves(house.general, "channel", "All these words. ".repeat(900));
    const [file] = house.general.botMessages.flatMap((message) => message.attachments);
    expect(file?.name).toBe("MemGPT_coder.txt");
  });

  it("do not hinder an answer when their message was deleted", async () => {
    const surface = house.host.surface(placeOf(house.general));
    await surface.speak(post({ id: "p1", text: "One.", controls: [stop] }), async () => {});
    const [first] = house.general.botMessages;
    if (first) house.general.deleteMessage(first);
    await surface.speak(post({ id: "p2", text: "Two.", controls: [stop] }), async () => {});
    surface.control([]);
    await until(() => labels(house.general.botMessages[0] as FakeMessage) === "", "the second's");
    expect(house.logger.lines.map(({ message }) => message)).toContain(
      "buttons could not be changed",
    );
  });

  it("tell who presses in vain alone, and go from a line that is not the newest", async () => {
    const surface = house.host.surface(placeOf(house.general));
    await surface.notify("An old limit.", [stop]);
    const [old] = house.general.botMessages;
    if (!old) throw new Error("nothing was said");
    const button = house.general.button(old, "Stop");
    await surface.notify("A new limit.", [skip]);
    await until(() => labels(old) === "", "the older line's to go");
    house.host.onPress = async () => ({ text: "That run is over.", where: "alone" });
    const late = await house.general.pressStale(house.ada, old, button);
    expect(await late.answer()).toContain("That run is over.");
    expect(late.messages.at(-1)?.flags).toBe(64);
    expect(old.content).toBe("An old limit.");
    house.host.onPress = async () => ({ text: "On it goes.", where: "below", controls: [stop] });
    const newest = house.general.botMessages[1] as FakeMessage;
    await house.general.press(house.ada, newest, "Skip");
    const below = await house.general.nextMessage((m) => m.content === "On it goes.");
    expect(labels(below)).toBe("Stop");
    await until(() => labels(newest) === "", "the pressed one to go");
    expect(newest.content).toBe("A new limit.");
  });

  it("stay with the run's own word where it ended while a press was being told", async () => {
    const go: Control = { id: "continue:a.1", label: "Continue" };
    const surface = house.host.surface(placeOf(house.general));
    await surface.notify("A limit.", [stop, skip]);
    const [limit] = house.general.botMessages;
    if (!limit) throw new Error("nothing was said");
    house.host.onPress = async () => {
      surface.control([go]);
      return { text: "Passed over.", where: "below", controls: [stop, skip] };
    };
    await house.general.press(house.ada, limit, "Skip");
    const told = await house.general.nextMessage((m) => m.content === "Passed over.");
    await until(() => labels(told) === "" && labels(limit) === "Continue", "the end's button");
    await surface.notify("Who speaks next?", [{ ...skip, label: "Who?" }]);
    const menu = house.general.botMessages.at(-1) as FakeMessage;
    house.host.onPress = async () => {
      await surface.speak(post({ id: "p3", text: "Three.", controls: [stop] }), async () => {});
      return { text: "Mem it is.", where: "instead", controls: [skip] };
    };
    await house.general.press(house.ada, menu, "Who?");
    await until(() => menu.content === "Mem it is." && labels(menu) === "", "the menu to go");
    expect(labels(house.general.botMessages.at(-1) as FakeMessage)).toBe("Stop");
  });
});
