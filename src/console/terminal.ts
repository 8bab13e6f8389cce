/**
 * The groupchat in a terminal: lines in, commands by `/`, answers out. On a TTY one may write
 * while the agents answer; piped input is taken line by line, each answered before the next is
 * read, and its end is the end.
 */
import { createInterface, type Interface } from "node:readline";
import type { ChannelHost } from "../channels/host.ts";
import type { Person, Place } from "../channels/ports.ts";
import type { Clock } from "../shared/clock.ts";
import { explainError } from "../shared/errors.ts";
import { type OpenFile, parseCommandLine, type TypedCommand } from "./command-line.ts";
import { ConsoleSurface, type TextOutput } from "./console-surface.ts";

export interface TerminalOptions {
  host: ChannelHost;
  input: NodeJS.ReadableStream & { isTTY?: boolean };
  output: TextOutput & NodeJS.WritableStream;
  person: Person;
  openFile: OpenFile;
  clock: Clock;
}

export const TERMINAL_PLACE: Place = {
  id: "terminal",
  kind: "terminal",
  scope: "terminal",
  name: "terminal",
};

export class Terminal {
  readonly #options: TerminalOptions;
  readonly #surface: ConsoleSurface;
  #lines: Interface | undefined;
  #lastId = 0n;

  constructor(options: TerminalOptions) {
    this.#options = options;
    this.#surface = new ConsoleSurface(options.output);
  }

  /** Reads until the input ends or `/quit`; resolves when everything asked is answered. */
  async run(): Promise<void> {
    const { host, input, output } = this.#options;
    await host.connect(() => this.#surface);
    this.#lastId = BigInt((await host.newestMessageId(TERMINAL_PLACE)) || "0");
    const interactive = input.isTTY === true && output.isTTY === true;
    this.#lines = createInterface({
      input,
      ...(interactive ? { output, prompt: "> ", completer: this.#completer } : {}),
      terminal: interactive,
    });
    if (interactive) await this.#converse(this.#lines);
    else await this.#readAll(this.#lines);
  }

  /** Ends `run`; a turn in flight is the host's to close. */
  stop(): void {
    this.#lines?.close();
  }

  async #readAll(lines: Interface): Promise<void> {
    for await (const line of lines) {
      if (isQuit(line)) break;
      await this.#take(line);
    }
  }

  async #converse(lines: Interface): Promise<void> {
    const inFlight = new Set<Promise<void>>();
    lines.on("SIGINT", () => {
      if (inFlight.size === 0) lines.close();
      else void this.#take("STOP");
    });
    lines.on("line", (line) => {
      if (isQuit(line)) {
        lines.close();
        return;
      }
      const taken = this.#take(line).finally(() => {
        inFlight.delete(taken);
        if (inFlight.size === 0) lines.prompt();
      });
      inFlight.add(taken);
    });
    const closed = new Promise<void>((resolve) => lines.once("close", resolve));
    lines.prompt();
    await closed;
  }

  async #take(line: string): Promise<void> {
    const { host, person, openFile, clock } = this.#options;
    if (line.trim() === "") return;
    let typed: TypedCommand | undefined;
    try {
      typed = await parseCommandLine(line, host.commands, openFile);
    } catch (error) {
      this.#surface.answer(explainError(error));
      return;
    }
    if (typed) {
      await host.command(TERMINAL_PLACE, {
        ...typed,
        person,
        may_manage: true,
        reply: async (text) => this.#surface.answer(text),
        progress: (text) => this.#surface.replaceable(text),
      });
      return;
    }
    await host.receive(TERMINAL_PLACE, {
      id: this.#nextId(),
      person,
      text: line,
      files: [],
      addressed: true,
      created_at: clock.now(),
    });
  }

  /** Grows with time and never falls behind what was used before, whatever the clock does. */
  #nextId(): string {
    const now = BigInt(this.#options.clock.now()) * 1000n;
    this.#lastId = now > this.#lastId ? now : this.#lastId + 1n;
    return String(this.#lastId);
  }

  readonly #completer = (
    line: string,
    done: (error: null, result: [string[], string]) => void,
  ): void => {
    const names = this.#options.host.commands.map((command) => `/${command.name}`);
    const hits = line.startsWith("/") ? names.filter((name) => name.startsWith(line)) : [];
    done(null, [hits, line]);
  };
}

function isQuit(line: string): boolean {
  return /^\/(quit|exit)\s*$/i.test(line.trim());
}
