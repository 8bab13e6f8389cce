/**
 * The whole bot in this process, with folders of its own, for measuring how documents come in: files are
 * attached as a press of the button does, and the closing lines are kept.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "../config/load-config.ts";
import { type App, createApp } from "../src/app.ts";
import type { Draft, IncomingFile, Place, Surface } from "../src/channels/ports.ts";
import { cleanEnvironment } from "./bot-process.ts";
import { cpuOf, processTree } from "./process-tree.ts";

export interface Cost {
  /** Milliseconds. */
  wall: number;
  /** Milliseconds of the bot, its reader and its Chroma; 0 where that cannot be known. */
  cpu: number;
}

export interface IngestBot {
  /** Chroma's folder. */
  chroma: string;
  attach(bytes: Uint8Array, place?: Place): Promise<Cost>;
  /** Milliseconds of `/sources <subcommand> name:<name>` in the terminal. */
  command(subcommand: string, name: string): Promise<number>;
  /** The last closing line. */
  closing(): string;
  close(): Promise<void>;
}

const TERMINAL: Place = { id: "terminal", kind: "terminal", scope: "terminal", name: "terminal" };
const PERSON = { id: "ada", display_name: "Ada" };

/** `embedding` as in `config/models.yaml`; the offline embedder if absent. */
export async function openIngestBot(name: string, embedding?: object): Promise<IngestBot> {
  const folder = mkdtempSync(join(tmpdir(), "colloquy-ingest-"));
  const data = join(folder, "data");
  const env = { ...cleanEnvironment(), COLLOQUY_DATA_DIR: data };
  const config = loadConfig({ cwd: folder, env });
  const models = embedding ? { ...config.models, embedding: embedding as never } : config.models;
  const app: App = await createApp({ ...config, models, log: { level: "warn" } });
  const shown = new ClosingLines();
  await app.host.connect(() => shown);
  return {
    chroma: join(data, "chroma"),
    async attach(bytes, place = TERMINAL) {
      const cpu = cpuOf(processTree());
      const begin = performance.now();
      await app.host.acceptOffer(place, PERSON, file(name, bytes));
      return { wall: performance.now() - begin, cpu: cpuOf(processTree()) - cpu };
    },
    async command(subcommand, source) {
      const begin = performance.now();
      await app.host.command(TERMINAL, {
        ...{ name: "sources", subcommand, person: PERSON, may_manage: true },
        options: new Map([["name", source]]),
        reply: async (text) => {
          shown.last = text;
        },
        progress: () => undefined,
      });
      return performance.now() - begin;
    },
    closing: () => shown.last,
    async close() {
      await app.stop();
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function file(name: string, bytes: Uint8Array): IncomingFile {
  return { id: name, name, size: bytes.length, read: async () => bytes };
}

/** A surface that shows nothing and keeps the last closing line. */
class ClosingLines implements Surface {
  readonly live = false;
  last = "";

  async progress(): Promise<{ update: () => void; finish: (text: string) => Promise<void> }> {
    return {
      update: () => undefined,
      finish: async (text) => {
        this.last = text;
      },
    };
  }

  async speak(): Promise<void> {}
  async retract(): Promise<void> {}
  async notify(): Promise<void> {}
  control(): void {}
  async offerAttachment(): Promise<void> {}

  parked(): undefined {
    return undefined;
  }

  typing(): () => void {
    return () => undefined;
  }

  draft(): Draft {
    return { update: () => undefined, end: async () => undefined };
  }
}
