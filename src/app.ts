/**
 * The whole bot, put together: builds every part from the configuration and hands each the ports it
 * needs. Which surface is opened on it, signals and exit codes are main.ts's.
 */
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { commands } from "../commands/index.ts";
import { type AppConfig, secretsOf } from "../config/config.ts";
import { type ChromaConnection, RemoteChroma } from "./adapters/chroma/chroma-connection.ts";
import { ChromaPassageStore } from "./adapters/chroma/chroma-passage-store.ts";
import { ChromaServer } from "./adapters/chroma/chroma-server.ts";
import { AgentFolder } from "./adapters/files/agent-folder.ts";
import { localFile } from "./adapters/files/local-file.ts";
import { saveLocalFile } from "./adapters/files/save-local-file.ts";
import { GuardedHttpRequester } from "./adapters/http/guarded-http-requester.ts";
import { HttpFileFetcher } from "./adapters/http/http-file-fetcher.ts";
import { WebPageFetcher } from "./adapters/http/web-page-fetcher.ts";
import { KeyvStateStore } from "./adapters/keyv/keyv-state-store.ts";
import { ChildDocumentReader } from "./adapters/reading/child-document-reader.ts";
import { RecognisingDocumentReader } from "./adapters/reading/recognising-document-reader.ts";
import { type DataDirLock, lockDataDir } from "./adapters/system/data-dir-lock.ts";
import { serveJobs } from "./adapters/system/job-channel.ts";
import { LineLogger } from "./adapters/system/line-logger.ts";
import { createRedactor } from "./adapters/system/redaction.ts";
import { Sha256Hash } from "./adapters/system/sha256-hash.ts";
import { RandomIds, SystemClock } from "./adapters/system/system-clock.ts";
import { createTokenCounter } from "./adapters/tokens/token-counter.ts";
import { buildModels, type Models } from "./app-models.ts";
import { ownModelsFrom, seatsFrom } from "./app-seats.ts";
import { ChannelRegistry } from "./channels/channel-registry.ts";
import type { ChannelSettings } from "./channels/channel-state.ts";
import type { IncomingFile, Place } from "./channels/ports.ts";
import { DataSources } from "./documents/data-sources.ts";
import { DocumentError, type FileFetcher } from "./documents/ports.ts";
import { isLoadJob, type LoadJob } from "./load-arguments.ts";
import { runLoadJob } from "./load-job.ts";
import type { Extras } from "./memgpt/extra-functions.ts";
import { PassageIndexes } from "./memgpt/passage-indexes.ts";
import type { Clock, Ids } from "./shared/clock.ts";
import type { Logger } from "./shared/logger.ts";

/** Parts that tests and benchmarks put in the place of the real ones. */
export interface AppOverrides {
  clock?: Clock;
  ids?: Ids;
  logger?: Logger;
  models?: Models;
}

export interface App {
  /** The door for surfaces. */
  readonly host: ChannelRegistry;
  readonly clock: Clock;
  readonly logger: Logger;
  /** What was found, one line each, for the first screen. */
  readonly summary: { model: string; stores: string };
  readonly fetcher: FileFetcher;
  openFile(path: string): Promise<IncomingFile>;
  /** One `npm run load`; resolves with its closing lines. */
  load(job: LoadJob, run: { signal: AbortSignal; tell: (text: string) => void }): Promise<string>;
  /** Keeps a file for whoever sits at the terminal; resolves with its path. */
  saveFile(file: { name: string; bytes: Uint8Array }): Promise<string>;
  /** Ends all turns, to be resumed at the next start, and releases what `createApp` took. */
  stop(): Promise<void>;
}

/** The model whose tokens passages are measured in. */
const PASSAGE_TOKENS_OF = "gpt-4";

/**
 * Takes the data directory, opens the stores and starts Chroma. Rejects with a `ColloquyError`
 * that says what is wrong; whatever was taken until then is released.
 */
export async function createApp(config: AppConfig, overrides: AppOverrides = {}): Promise<App> {
  const clock = overrides.clock ?? new SystemClock();
  const ids = overrides.ids ?? new RandomIds();
  const logger =
    overrides.logger ??
    new LineLogger({ level: config.log.level, redact: createRedactor(secretsOf(config)) });
  const taken = new Releases(logger);
  try {
    const lock: DataDirLock = await lockDataDir(config.data_dir);
    taken.add("data directory", () => lock.release());
    for (const note of config.notes) logger.info(note);
    const [models, store, chroma] = await takeAll([
      overrides.models ?? buildModels(config, { clock, ids, logger }),
      openStore(config, taken),
      openChroma(config, logger, taken),
    ]);
    const { embedder } = models;
    const tokens = createTokenCounter(models.names);
    const passages = new ChromaPassageStore({ connection: chroma, space: embedder, logger });
    const { max_file_bytes } = config.limits;
    const parser = new ChildDocumentReader({ logger, limits: { max_bytes: max_file_bytes } });
    taken.add("document reader", () => parser.close());
    const reader = new RecognisingDocumentReader({ parser, max_file_bytes });
    const sourceIndexes = new PassageIndexes(passages);
    const sources = new DataSources({
      reader,
      pages: new WebPageFetcher({ max_bytes: max_file_bytes }),
      onChanged: (owner) => sourceIndexes.drop(owner),
      // Passages are the same whichever model reads them; the exact count keeps them near 300.
      tokens: createTokenCounter([PASSAGE_TOKENS_OF]),
      embedder,
      passages,
      store,
      hash: new Sha256Hash(),
      clock,
      logger,
      breathe: () => setImmediate(),
    });
    const { termination_text } = config.groupchat;
    // Also where agents may not write files now: forgetting somebody looks through what they wrote.
    const files = new AgentFolder(join(config.data_dir, "files"));
    const host = new ChannelRegistry({
      commands,
      ...(config.idle_work
        ? {
            idle_work: {
              quiet_ms: config.idle_work.minutes * 60_000,
              tokens_per_day: config.idle_work.tokens_per_day,
            },
          }
        : {}),
      runtime: {
        store,
        sources,
        files,
        clock,
        logger,
        defaults: (place) => defaultSettings(config, place),
        streaming: config.groupchat.streaming,
        budget: config.groupchat.budget,
        templates: config.groupchat.templates,
        table: {
          seats: seatsFrom(config, models),
          own_models: ownModelsFrom(config, models),
          max_round: config.groupchat.max_round,
          speaker_selection_method: config.groupchat.speaker_selection_method,
          random: Math.random,
          is_termination_msg: ({ content }) =>
            content?.trimEnd().endsWith(termination_text) ?? false,
          tokens,
          memgpt: {
            tokens,
            embedder,
            passages,
            store,
            clock,
            ids,
            logger,
            source_indexes: sourceIndexes,
            extras: extrasFrom(config, files),
            ...(config.time_zone === undefined ? {} : { time_zone: config.time_zone }),
          },
        },
      },
    });
    taken.add("groupchats", () => host.close());
    const load: App["load"] = (job, run) => {
      void parser.warm();
      return runLoadJob(job, { sources, max_file_bytes, ...run });
    };
    const attachments = new HttpFileFetcher({
      max_bytes: max_file_bytes,
      ...(config.discord.api ? { extra_origins: [new URL(config.discord.api).origin] } : {}),
    });
    const jobs = await serveJobs(config.data_dir, async (job, run) => {
      if (!isLoadJob(job)) throw new DocumentError("document_unsupported", "This is not a job.");
      return load(job, run);
    });
    taken.add("job socket", () => jobs.close());
    const mending = new AbortController();
    const mended = sources.resume(mending.signal).catch((error: unknown) => {
      logger.warn("data sources could not be looked through", { error });
    });
    taken.add("mending of data sources", async () => {
      mending.abort(new Error("the bot is stopping"));
      await mended;
    });
    return {
      host,
      clock,
      logger,
      summary: { model: models.summary, stores: storesLine(config) },
      // The reading process starts while the file is still on its way.
      fetcher: {
        fetch: (url, options) => {
          void parser.warm();
          return attachments.fetch(url, options);
        },
      },
      load,
      openFile: (path) => {
        void parser.warm();
        return localFile(path, config.limits.max_file_bytes);
      },
      saveFile: (file) => saveLocalFile(join(config.data_dir, "exports"), file),
      stop: () => taken.release(),
    };
  } catch (error) {
    await taken.release();
    throw error;
  }
}

/** What must be given back, the last taken first. */
class Releases {
  readonly #logger: Logger;
  readonly #all: { name: string; release: () => Promise<void> }[] = [];

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  add(name: string, release: () => Promise<void>): void {
    this.#all.push({ name, release });
  }

  async release(): Promise<void> {
    for (const { name, release } of this.#all.splice(0).reverse()) {
      await release().catch((error: unknown) => {
        this.#logger.warn(`the ${name} could not be closed cleanly`, { error });
      });
    }
  }
}

/** All or none: when one fails, the others are waited for, so that they can be released. */
async function takeAll<T extends readonly unknown[]>(
  parts: readonly [...{ [K in keyof T]: T[K] | Promise<T[K]> }],
): Promise<T> {
  const settled = await Promise.allSettled(parts);
  for (const part of settled) if (part.status === "rejected") throw part.reason;
  return settled.map((part) => (part.status === "fulfilled" ? part.value : undefined)) as never;
}

async function openStore(config: AppConfig, taken: Releases): Promise<KeyvStateStore> {
  const uri = config.stores.state_uri ?? `sqlite://${join(config.data_dir, "colloquy.sqlite")}`;
  const store = await KeyvStateStore.open({ uri });
  taken.add("state store", () => store.close());
  return store;
}

async function openChroma(
  config: AppConfig,
  logger: Logger,
  taken: Releases,
): Promise<ChromaConnection> {
  if (config.stores.chroma_url) return new RemoteChroma(config.stores.chroma_url);
  const server = await ChromaServer.start({ directory: join(config.data_dir, "chroma"), logger });
  taken.add("Chroma server", () => server.stop());
  return server;
}

function extrasFrom({ extras }: AppConfig, folder: AgentFolder): Extras {
  const { files, http_hosts, http_methods, message_chatgpt } = extras;
  return {
    message_chatgpt,
    ...(files ? { files: folder } : {}),
    ...(http_hosts.length > 0
      ? { http: new GuardedHttpRequester({ hosts: http_hosts, methods: http_methods }) }
      : {}),
  };
}

function defaultSettings(config: AppConfig, place: Place): ChannelSettings {
  const { debug, show_inner_thoughts, show_function_outputs } = config.groupchat.interface_kwargs;
  return {
    active: place.kind === "dm" || place.kind === "terminal",
    show_inner_thoughts: debug || show_inner_thoughts,
    show_function_outputs: debug || show_function_outputs,
  };
}

/** Where state and passages are, without what a URI may hold of passwords. */
function storesLine(config: AppConfig): string {
  const { state_uri, chroma_url } = config.stores;
  const state = state_uri ? `${state_uri.split(":", 1)[0]} by COLLOQUY_STATE_URI` : "SQLite";
  const chroma = chroma_url ? `Chroma at ${new URL(chroma_url).host}` : "Chroma, started here";
  return `${state} and ${chroma}, data in ${config.data_dir}`;
}
