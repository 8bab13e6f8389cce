import { afterEach, describe, expect, it } from "vitest";
import type { KnownPlace } from "../../src/channels/host.ts";
import type { Place } from "../../src/channels/ports.ts";
import { RecordingHost } from "../discord/recording-host.ts";
import type { FakeChannel } from "../fakes/discord/fake-channel.ts";
import { FakeClock } from "../fakes/fake-clock.ts";
import { down, house, makeBot, openHouse, placeOf, until } from "./discord-house.ts";

afterEach(async () => {
  expect(house.fake.violations).toEqual([]);
  await down();
});

const known = (place: Place, newest = ""): KnownPlace => ({ place, newest_message_id: newest });

async function write(count: number, channel: FakeChannel = house.general, from = 1) {
  const ids: string[] = [];
  for (let i = from; i < from + count; i += 1) {
    ids.push((await channel.say(house.ada, `line ${i}`)).id);
  }
  return ids;
}

function texts(host: RecordingHost, channel: FakeChannel = house.general): string[] {
  return host.received
    .filter(({ place }) => place.id === channel.id)
    .map(({ message }) => message.text);
}

function lines(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, i) => `line ${from + i}`);
}

function historyRequests(): number {
  return house.fake.requests.filter((r) => r.method === "GET" && /\/messages$/.test(r.path)).length;
}

/** A host that knows these places, on a bot that is not started yet. */
function away(places: readonly KnownPlace[]) {
  const host = new RecordingHost();
  host.known = [...places];
  return { host, bot: makeBot(house.fake, { host }) };
}

describe("lines written while the bot was away", () => {
  it("are all handed over after the start, in order, once", async () => {
    await openHouse();
    const [newest] = await write(1);
    await write(50, house.general, 2);
    const { host, bot } = away([known(placeOf(house.general), newest)]);
    await bot.start();
    await until(() => host.received.length >= 50, "the missed lines");
    await house.fake.quiet(150);
    expect(texts(host)).toEqual(lines(2, 51));
    expect(host.received[0]).toMatchObject({
      place: placeOf(house.general),
      message: { person: { id: house.ada.id, display_name: "Ada L." }, addressed: false },
    });
  });

  it("come before what is written while the history is being read", async () => {
    await openHouse();
    await write(5);
    const { host, bot } = away([known(placeOf(house.general))]);
    const slow = { method: "GET", route: /\/messages$/ };
    house.fake.inject({ match: slow, kind: "500", times: 2 });
    await bot.start();
    await write(2, house.general, 6);
    await until(() => texts(host).includes("line 7"), "the live lines");
    expect([...new Set(texts(host))]).toEqual(lines(1, 7));
    expect(texts(host).slice(0, 5)).toEqual(lines(1, 5));
  });

  it("do not keep other places waiting", async () => {
    await openHouse();
    const other = house.guild.addTextChannel({ name: "other" });
    await write(1);
    const { host, bot } = away([known(placeOf(house.general))]);
    house.fake.inject({ match: { method: "GET", route: /\/messages$/ }, kind: "hang" });
    await bot.start();
    await other.say(house.ada, "hello");
    await until(() => texts(host, other).length === 1, "the other channel's line");
    expect(texts(host)).toEqual([]);
  });

  it("are the newest hundred of a place", async () => {
    await openHouse();
    await write(130);
    const { host, bot } = away([known(placeOf(house.general))]);
    await bot.start();
    await until(() => host.received.length >= 100, "the missed lines");
    await house.fake.quiet(150);
    expect(texts(host)).toEqual(lines(31, 130));
  });

  it("are passed over when they are older than a day, without asking", async () => {
    await openHouse();
    await write(3);
    const host = new RecordingHost();
    host.known = [known(placeOf(house.general))];
    const clock = new FakeClock(Date.now() + 25 * 3_600_000);
    await makeBot(house.fake, { host, clock }).start();
    await write(1, house.general, 4);
    await until(() => host.received.length > 0, "the live line");
    expect(texts(host)).toEqual(["line 4"]);
  });

  it("are not asked for where nothing was written", async () => {
    await openHouse();
    const ids = await write(2);
    const { host, bot } = away([known(placeOf(house.general), ids[1])]);
    await bot.start();
    await write(1, house.general, 3);
    await until(() => host.received.length > 0, "the live line");
    expect(texts(host)).toEqual(["line 3"]);
    expect(historyRequests()).toBe(0);
  });

  it("are found in direct messages and threads, mentions and replies among them", async () => {
    await openHouse();
    const thread = house.general.addThread({ name: "details" });
    const dm = house.fake.openDm(house.ada);
    await house.general.say(house.ada, "you there?", { mentionsBot: true });
    await thread.say(house.ada, "in the thread");
    await dm.say(house.ada, "in private");
    const dmPlace: Place = { id: dm.id, kind: "dm", scope: dm.id, name: "direct message" };
    const { host, bot } = away([
      known(placeOf(house.general)),
      known(placeOf(thread, "thread")),
      known(dmPlace),
      known({ id: "terminal", kind: "terminal", scope: "terminal", name: "terminal" }),
    ]);
    await bot.start();
    await until(() => host.received.length === 3, "three lines");
    const heard = host.received.map(({ message }) => [message.text, message.addressed]);
    expect(heard.sort()).toEqual([
      ["in private", true],
      ["in the thread", false],
      ["you there?", true],
    ]);
  });

  it("leave bots, webhooks and unreadable channels out, and break no permission", async () => {
    await openHouse();
    const closed = house.guild.addTextChannel({ name: "closed", botPermissions: [] });
    const gone = house.guild.addTextChannel({ name: "gone" });
    await house.general.webhookSays({ name: "Feed", text: "news" });
    for (const channel of [closed, gone, house.general]) await channel.say(house.ada, "hello");
    gone.delete();
    const { host, bot } = away([closed, gone, house.general].map((c) => known(placeOf(c))));
    await bot.start();
    await until(() => host.received.length > 0, "the readable line");
    await house.fake.quiet(100);
    expect(host.received.map(({ place }) => place.name)).toEqual(["general"]);
    expect(house.fake.refusals).toEqual([]);
  });

  it("wait for Discord's rate limits, however many places there are", async () => {
    await openHouse({ rateLimits: true });
    const channels = Array.from({ length: 60 }, (_, i) =>
      house.guild.addTextChannel({ name: `c${i}` }),
    );
    for (const channel of channels) await channel.say(house.ada, "hello");
    const { host, bot } = away(channels.map((channel) => known(placeOf(channel))));
    await bot.start();
    await until(() => host.received.length === 60, "all lines");
    expect(house.fake.refusals).toEqual([]);
  });
});

describe("lines written while the connection was lost", () => {
  it("are handed over when the session cannot be resumed", async () => {
    await openHouse();
    const { host, bot } = away([]);
    await bot.start();
    const [first] = await write(1);
    await until(() => host.received.length === 1, "the first line");
    host.known = [known(placeOf(house.general), first)];
    house.fake.gateway.invalidSession(false);
    await write(3, house.general, 2);
    await house.fake.ready({ identifies: 2 });
    await until(() => texts(host).includes("line 4"), "the missed lines");
    await write(1, house.general, 5);
    await until(() => texts(host).includes("line 5"), "the live line");
    expect([...new Set(texts(host))]).toEqual(lines(1, 5));
  });

  it("are handed over when a server's outage is over", async () => {
    await openHouse();
    const { host, bot } = away([]);
    await bot.start();
    await write(1);
    await until(() => host.received.length === 1, "the first line");
    host.known = [known(placeOf(house.general))];
    house.guild.becomeUnavailable();
    house.guild.becomeAvailable();
    await write(1, house.general, 2);
    await until(() => texts(host).includes("line 2"), "the next line");
    // The first one as a host would pass it over: by its id.
    expect(texts(host).slice(0, 2)).toEqual(["line 1", "line 1"]);
  });
});
