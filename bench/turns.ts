/**
 * `npm run bench:turns`: what one turn (one model request) costs the bot, whether that stays so, what
 * a hundred channels at once come to, and what stays on disk. Real discord.js, openai client, SQLite
 * and Chroma; only Discord and the model are fakes, in this process, and the model answers at once.
 *
 * Options: `--cast memgpt|plain|table|chain` (default the first three), `--turns N` (500),
 * `--only one|many`, `--prof DIR` (CPU profiles).
 */
import { parseArgs } from "node:util";
import { BotProcess, build, type Usage } from "./bot-process.ts";
import { bytesIn } from "./disk.ts";
import { type Figure, machineLine, measured, printTable } from "./table.ts";
import { CASTS, type Cast, World } from "./world.ts";

const { values: options } = parseArgs({
  options: {
    cast: { type: "string", multiple: true, default: ["memgpt", "plain", "table"] },
    turns: { type: "string", default: "500" },
    prof: { type: "string" },
    only: { type: "string" },
  },
});

/** Turns in another channel before measuring: code gets compiled, connections get made. */
const WARM_UP = 200;
const EDGE = 50;
const CHANNELS = 100;
const TURNS_PER_CHANNEL = 20;
/** After its last post a run has still to be closed; a person would take longer to write the next line. */
const PAUSE_MS = 5;

async function main(): Promise<void> {
  build();
  process.stdout.write(`${machineLine()}\n`);
  for (const cast of options.cast.filter(isCast)) {
    if (options.only !== "many") print(await measured(() => oneChannel(cast)));
    if (options.only !== "one") print(await measured(() => manyChannels(cast)));
  }
}

interface Measurement {
  title: string;
  figures: readonly Figure[];
  note?: string;
}

function print({ title, figures, note }: Measurement): void {
  printTable(title, figures);
  if (note !== undefined) process.stdout.write(`\n${note}\n`);
}

function oneChannel(cast: Cast): Promise<Measurement> {
  const wanted = Number(options.turns);
  return withBot(cast, async (world, bot) => {
    const { turns_per_line, what } = CASTS[cast];
    const warm = world.addChannel();
    while (world.turns < WARM_UP) await warm.line();
    const channel = world.addChannel();
    const begin = world.turns;
    const heap = (await bot.usage(true)).memory.heapUsed;
    const marks = [{ turns: 0, usage: await bot.usage() }];
    const clock = performance.now();
    while (world.turns - begin < wanted) {
      await channel.line();
      await pause(PAUSE_MS);
      const turns = world.turns - begin;
      // Marks at the edges only: asking costs the bot a little, too.
      const last = marks.at(-1)?.turns ?? 0;
      if (turns - last >= EDGE) marks.push({ turns, usage: await bot.usage() });
    }
    const wall = performance.now() - clock;
    const turns = world.turns - begin;
    const lines = turns / turns_per_line;
    const kept = (await bot.usage(true)).memory.heapUsed - heap;
    const running = bytesIn(bot.data) / world.turns;
    await bot.stop();
    const stopped = bytesIn(bot.data) / world.turns;
    const first = perTurn(marks[0], marks[1]);
    const last = perTurn(marks.at(-2), marks.at(-1));
    const figures: Figure[] = [
      {
        what: "CPU per turn",
        value: perTurn(marks[0], marks.at(-1)),
        unit: "ms",
        limit: { most: 6 },
        digits: 2,
      },
      { what: `CPU per turn, first ${EDGE}`, value: first, unit: "ms", digits: 2 },
      { what: `CPU per turn, last ${EDGE}`, value: last, unit: "ms", digits: 2 },
      {
        what: "last to first",
        value: last / first,
        unit: "times",
        limit: { most: 1.2 },
        digits: 2,
      },
      { what: "wall-clock per turn", value: (wall - lines * PAUSE_MS) / turns, unit: "ms" },
      { what: "disk per turn, running", value: running / 1024, unit: "KiB", digits: 2 },
      {
        what: "disk per turn, stopped",
        value: stopped / 1024,
        unit: "KiB",
        limit: { most: 2 },
        digits: 2,
      },
      { what: "heap kept per turn", value: kept / turns / 1024, unit: "KiB", digits: 2 },
      { what: "resident at the end", value: mebibytes(marks.at(-1)?.usage), unit: "MiB" },
    ];
    const windows = marks.slice(1).map((mark, i) => perTurn(marks[i], mark).toFixed(1));
    return {
      title: `${turns} turns in one channel: ${what}`,
      figures,
      note: `After a warm-up of ${WARM_UP} turns in another channel. By ${EDGE} turns: ${windows.join(" ")} ms.`,
    };
  });
}

function manyChannels(cast: Cast): Promise<Measurement> {
  return withBot(cast, async (world, bot) => {
    const { what, turns_per_line } = CASTS[cast];
    const warm = world.addChannel();
    while (world.turns < WARM_UP) await warm.line();
    const channels = Array.from({ length: CHANNELS }, () => world.addChannel());
    const begin = world.turns;
    const before = await bot.usage();
    const clock = performance.now();
    let peak = 0;
    const watch = setInterval(() => {
      bot.usage().then(
        ({ memory }) => {
          peak = Math.max(peak, memory.rss);
        },
        () => undefined,
      );
    }, 500);
    await Promise.all(
      channels.map(async (channel) => {
        for (let turns = 0; turns < TURNS_PER_CHANNEL; turns += turns_per_line) {
          await channel.line();
        }
      }),
    );
    const seconds = (performance.now() - clock) / 1000;
    clearInterval(watch);
    const after = await bot.usage();
    const turns = world.turns - begin;
    const running = bytesIn(bot.data) / world.turns;
    await bot.stop();
    const stopped = bytesIn(bot.data) / world.turns;
    const figures: Figure[] = [
      {
        what: "turns a second of CPU time",
        value: (1000 * turns) / (after.cpu_ms - before.cpu_ms),
        unit: "/s",
        limit: { least: 150 },
        digits: 0,
      },
      { what: "turns a second, wall-clock", value: turns / seconds, unit: "/s", digits: 0 },
      {
        what: "CPU per turn",
        value: (after.cpu_ms - before.cpu_ms) / turns,
        unit: "ms",
        limit: { most: 6 },
        digits: 2,
      },
      {
        what: "resident, highest",
        value: Math.max(peak, after.memory.rss) / 2 ** 20,
        unit: "MiB",
        limit: { most: 300 },
      },
      {
        what: "disk per turn, running",
        value: running / 1024,
        unit: "KiB",
        limit: { most: 2 },
        digits: 2,
      },
      {
        what: "disk per turn, stopped",
        value: stopped / 1024,
        unit: "KiB",
        limit: { most: 2 },
        digits: 2,
      },
    ];
    return { title: `${CHANNELS} channels, ${turns} turns in all: ${what}`, figures };
  });
}

async function withBot<T>(
  cast: Cast,
  work: (world: World, bot: BotProcess) => Promise<T>,
): Promise<T> {
  const world = await World.start(cast);
  const bot = new BotProcess({
    config: world.config,
    env: { ...world.env, BENCH_NO_RATE_LIMIT: "1" },
    node_args: [
      "--expose-gc",
      ...(options.prof ? ["--cpu-prof", `--cpu-prof-dir=${options.prof}`] : []),
    ],
  });
  try {
    await bot.ready();
    return await work(world, bot);
  } catch (error) {
    process.stderr.write(`${bot.log()}\n`);
    throw error;
  } finally {
    await bot.remove();
    await world.stop();
  }
}

interface Mark {
  turns: number;
  usage: Usage;
}

/** Milliseconds of CPU per turn between two marks. */
function perTurn(from: Mark | undefined, to: Mark | undefined): number {
  if (!from || !to) return Number.NaN;
  return (to.usage.cpu_ms - from.usage.cpu_ms) / (to.turns - from.turns);
}

function mebibytes(usage: Usage | undefined): number {
  return (usage?.memory.rss ?? Number.NaN) / 2 ** 20;
}

function isCast(name: string): name is Cast {
  return Object.hasOwn(CASTS, name);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

await main();
