import { expect, test } from "vitest";
import type { ChannelRegistry } from "../../src/channels/channel-registry.ts";
import type { ChannelState } from "../../src/channels/channel-state.ts";
import type { IncomingMessage } from "../../src/channels/ports.ts";
import type { StateStore } from "../../src/memgpt/ports.ts";
import type { MemoryStateStore } from "../fakes/memory-stores.ts";
import { RecordingSurface } from "../fakes/recording-surface.ts";
import { says } from "../fakes/scripted-chat-model.ts";
import {
  ada,
  endless,
  general,
  grace,
  line,
  sourcesOn,
  start,
  stored,
  transcript,
  until,
  type World,
  world,
} from "./channel-world.ts";

/**
 * One process. At the point with the given number it dies: nothing it does from then on has an
 * effect, and nothing it waits for comes back.
 */
class Life {
  readonly #dies_at: number;
  points = 0;
  dead = false;

  constructor(diesAt = Number.POSITIVE_INFINITY) {
    this.#dies_at = diesAt;
  }

  async pass(): Promise<void> {
    if (!this.dead) {
      this.points += 1;
      this.dead = this.points === this.#dies_at;
    }
    if (this.dead) await new Promise(() => {});
  }
}

/** Rows are written one by one, so that a crash can leave any number of them. */
class MortalStore implements StateStore {
  readonly #store: MemoryStateStore;
  readonly #life: Life;

  constructor(store: MemoryStateStore, life: Life) {
    this.#store = store;
    this.#life = life;
  }

  async get<T>(key: string): Promise<T | undefined> {
    await this.#alive();
    return this.#store.get<T>(key);
  }

  async getMany<T>(keys: readonly string[]): Promise<(T | undefined)[]> {
    await this.#alive();
    return this.#store.getMany<T>(keys);
  }

  async set(key: string, value: unknown): Promise<void> {
    await this.setMany([[key, value]]);
  }

  async setMany(entries: readonly (readonly [string, unknown])[]): Promise<void> {
    const asCalled = structuredClone(entries);
    for (const [key, value] of asCalled) {
      await this.#life.pass();
      await this.#store.set(key, value);
    }
    await this.#life.pass();
  }

  async delete(keys: readonly string[]): Promise<void> {
    await this.#life.pass();
    await this.#store.delete(keys);
  }

  async #alive(): Promise<void> {
    if (this.#life.dead) await new Promise(() => {});
  }
}

/** The channel as people see it, whatever becomes of the bot. */
interface Channel {
  world: World;
  written: IncomingMessage[];
  /** Lives so far: it shows in every answer, so that a second one would be another. */
  lives: number;
}

function newChannel(): Channel {
  return { world: world(), written: [], lives: 0 };
}

/** Lives until everything is answered, or death. Returns how many points were passed. */
async function live(channel: Channel, diesAt?: number): Promise<Life> {
  const life = new Life(diesAt);
  channel.lives += 1;
  const number = channel.lives;
  const { store, passages, reader, surface: shown } = channel.world;
  const surface = new RecordingSurface(shown.pieces);
  surface.piece_size = 12;
  surface.at = () => life.pass();
  let host: ChannelRegistry | undefined;
  const receiving: Promise<boolean>[] = [];
  const write = (text: string, person = ada): void => {
    const message = line(text, { person });
    channel.written.push(message);
    if (!life.dead && host) receiving.push(host.receive(general, message));
  };
  const mortal = new MortalStore(store, life);
  const w: World = {
    ...channel.world,
    surface,
    sources: sourcesOn(mortal, passages, reader),
    plain: endless(async (_, n) => {
      await life.pass();
      if (channel.written.length === 2) write("third, in mid-run");
      return `Manager ${n} of life ${number}`;
    }),
    memgpt: endless(async (request, n) => {
      await life.pass();
      if (channel.written.length === 3) write("fourth, to the last speaker", grace);
      const asked = request.messages.at(-1)?.role === "user";
      const args = {
        name: "human",
        content: `note ${n} of life ${number}`,
        request_heartbeat: true,
      };
      if (asked && !String(request.messages.at(-1)?.content).includes("heartbeat")) {
        return { content: "I note it.", calls: [{ name: "core_memory_append", args }] };
      }
      return says(`Mem ${n} of life ${number}`);
    }),
  };
  const done = (async () => {
    host = await start(w, { store: mortal });
    const newest = await host.newestMessageId(general);
    // What was written while the bot was away comes in first, as catching up does on Discord.
    const missed = channel.written.filter(({ id }) => BigInt(id) > BigInt(newest || "0"));
    receiving.push(...missed.map((message) => (host as ChannelRegistry).receive(general, message)));
    if (channel.written.length === 0) {
      write("first");
      write("second, at once", grace);
    }
    for (let i = 0; i < receiving.length; i += 1) await receiving[i];
  })();
  let ended = false;
  void done.then(() => {
    ended = true;
  });
  await until(() => life.dead || (ended && isAnswered(store)));
  return life;
}

function isAnswered(store: MemoryStateStore): boolean {
  const row = store.rows.get(`channel/${general.id}/state`);
  const state = row === undefined ? undefined : (JSON.parse(row) as ChannelState);
  return state !== undefined && state.run === null && state.inbox.length === 0;
}

/** Nothing said is lost, nothing is said twice, and everybody knows the same. */
async function expectWhole(channel: Channel, where: string): Promise<void> {
  const { world: w, written } = channel;
  const said = await transcript(w);
  const isAgents = (one: string): boolean => /^(Manager|Mem): /.test(one);
  expect(w.surface.answers, where).toEqual(said.filter(isAgents));
  for (const { text } of w.surface.pieces) expect(text, where).not.toBe("");
  const people = said.filter((one) => !isAgents(one));
  expect(people, where).toEqual(
    written.map(({ person, text }) => `${person.display_name}: ${text}`),
  );
  expect(written, where).toHaveLength(4);
  const turns = said.filter(isAgents).map((one) => one.split(":")[0]);
  expect(turns, where).toEqual(turns.map((_, i) => (i % 2 === 0 ? "Manager" : "Mem")));
  expect(said.at(-1), where).toMatch(/^Mem: /);
  await expectMemory(channel, said, where);
}

async function expectMemory(
  channel: Channel,
  said: readonly string[],
  where: string,
): Promise<void> {
  const { store } = channel.world;
  const snapshot = (await stored(channel.world)).agents.Mem?.snapshot;
  const owner = `agent/${general.id}/Mem`;
  const rows: string[] = [];
  for (let i = 3; i < (snapshot?.recall.length ?? 0); i += 1) {
    rows.push(store.rows.get(`${owner}/log/${i}`) ?? "missing");
  }
  const log = rows.join("\n");
  const answers = said.filter((one) => one.startsWith("Mem: "));
  for (const one of said) {
    const text = one.slice(one.indexOf(": ") + 2);
    expect(log.split(text).length - 1, `${where}: "${text}" in recall memory`).toBe(1);
  }
  const core = JSON.parse(store.rows.get(`${owner}/core/${snapshot?.core_version}`) ?? "{}");
  expect(String(core.human).split("note ").length - 1, where).toBe(answers.length);
}

test("answers four lines in two runs when nothing happens", async () => {
  const channel = newChannel();
  const life = await live(channel);
  await expectWhole(channel, "no crash");
  expect(channel.world.surface.answers).toHaveLength(4);
  expect(life.points).toBeGreaterThan(60);
});

test("loses nothing and says nothing twice wherever the process dies", async () => {
  const { points } = await live(newChannel());
  for (let point = 1; point <= points; point += 1) {
    const channel = newChannel();
    const first = await live(channel, point);
    expect(first.dead).toBe(true);
    await live(channel);
    await expectWhole(channel, `death at point ${point}`);
  }
});

test("loses nothing when the process dies again while it makes up for the first death", async () => {
  const { points } = await live(newChannel());
  let seed = 7;
  const upTo = (most: number): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return 1 + (seed % most);
  };
  for (let i = 0; i < 25; i += 1) {
    const deaths = [upTo(points), upTo(40)];
    const channel = newChannel();
    for (const point of deaths) await live(channel, point);
    await live(channel);
    await expectWhole(channel, `deaths at ${deaths.join(" and ")}`);
  }
});
