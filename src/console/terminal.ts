/**
 * The groupchat in a terminal: lines in, commands by `/`, answers out. On a TTY one may write
 * while the agents answer, and Ctrl-C stops them; piped input is taken line by line, each answered
 * before the next is read, and its end is the end.
 */
import { createInterface, type Interface } from "node:readline";
import type { ReplyFile } from "../channels/command.ts";
import type { ChannelHost } from "../channels/host.ts";
import type { AskPassword, Person, Place } from "../channels/ports.ts";
import { TurnLock } from "../channels/turn-lock.ts";
import { type AbortSignalLike, AbortSource } from "../shared/abort.ts";
import type { Clock } from "../shared/clock.ts";
import { ColloquyError, explainError } from "../shared/errors.ts";
import { type OpenFile, parseCommandLine, type TypedCommand } from "./command-line.ts";
import { ConsoleSurface } from "./console-surface.ts";
import { PlainScreen, PromptScreen, type TextOutput } from "./screen.ts";

export interface TerminalOptions {
  host: ChannelHost;
  input: NodeJS.ReadableStream & { isTTY?: boolean };
  output: TextOutput;
  person: Person;
  openFile: OpenFile;
  /** Keeps a file that an answer comes with, and tells its path. */
  saveFile: (file: ReplyFile) => Promise<string>;
  clock: Clock;
}

export const TERMINAL_PLACE: Place = {
  id: "terminal",
  kind: "terminal",
  scope: "terminal",
  name: "terminal",
};

/** Whoever sits at the terminal is the bot's host. */
const ALL_RIGHTS = { may_manage: true, may_manage_server: true };

export class Terminal {
  readonly #options: TerminalOptions;
  readonly #lines: Interface;
  readonly #interactive: boolean;
  readonly #surface: ConsoleSurface;
  #lastId = 0n;
  /** Whether a line could not be stored or answered. */
  #failed = false;
  /** Ends the commands under way. */
  #interrupt = new AbortSource();
  /** One question at a time. */
  readonly #questions = new TurnLock();
  /** Takes the next line: a password, which is no line of the talk. */
  #answerTo: ((line: string) => void) | undefined;

  constructor(options: TerminalOptions) {
    const { input, output } = options;
    this.#options = options;
    this.#interactive = input.isTTY === true && output.isTTY === true;
    this.#lines = createInterface({
      input,
      ...(this.#interactive ? { output, completer: this.#completer } : {}),
      terminal: this.#interactive,
    });
    // Lines that come before `run` reads them wait in the stream.
    this.#lines.pause();
    this.#surface = new ConsoleSurface(
      this.#interactive ? new PromptScreen(this.#lines, output, input) : new PlainScreen(output),
    );
    // Whoever read the output has gone (`… | head`): nobody is left to talk to.
    output.on("error", () => this.stop());
  }

  /**
   * Reads until `/quit` or the input's end. Piped input is answered to its end; on a TTY, what is being
   * answered then is left to the host, which resumes it at the next start. False when a piped line
   * could not be taken: whoever piped it has to send it again.
   */
  async run(): Promise<boolean> {
    const { host } = this.#options;
    await host.connect(() => this.#surface);
    this.#lastId = BigInt((await host.newestMessageId(TERMINAL_PLACE)) || "0");
    if (this.#interactive) await this.#converse();
    else await this.#readAll();
    return this.#interactive || !this.#failed;
  }

  /** Ends `run`; a turn in flight is the host's to close. */
  stop(): void {
    this.#lines.close();
  }

  async #readAll(): Promise<void> {
    this.#lines.resume();
    for await (const line of this.#lines) {
      if (isQuit(line)) break;
      await this.#take(line);
    }
  }

  async #converse(): Promise<void> {
    const lines = this.#lines;
    let inFlight = 0;
    let interrupted = false;
    lines.on("line", async (line) => {
      if (this.#answerTo) {
        this.#answerTo(line);
        lines.prompt();
        return;
      }
      if (isQuit(line)) {
        lines.close();
        return;
      }
      lines.prompt();
      inFlight += 1;
      await this.#take(line);
      inFlight -= 1;
      interrupted = false;
    });
    lines.on("SIGINT", () => {
      // As in a shell: what stands in the line goes first.
      if (inFlight === 0 && lines.line !== "") {
        lines.write(null, { ctrl: true, name: "e" });
        lines.write(null, { ctrl: true, name: "u" });
        return;
      }
      // A second time, before anything has ended: out.
      if (inFlight === 0 || interrupted) {
        lines.close();
        return;
      }
      interrupted = true;
      this.#interrupt.abort(new ColloquyError("stopped", "Stopped."));
      this.#interrupt = new AbortSource();
      void this.#take("STOP");
    });
    const closed = new Promise<void>((resolve) => lines.once("close", resolve));
    lines.prompt();
    await closed;
  }

  /** Never rejects. */
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
      const options = await this.#completed(typed);
      if (!options) return;
      await host.command(TERMINAL_PLACE, {
        ...{ ...typed, options, person, ...ALL_RIGHTS },
        signal: this.#interrupt.signal,
        ...(this.#interactive ? { askPassword: this.#askPassword } : {}),
        reply: (text, extra) => this.#answer(text, extra?.file),
        progress: (text) => this.#surface.working(text),
      });
      return;
    }
    const taken = await host.receive(TERMINAL_PLACE, {
      id: this.#nextId(),
      person,
      text: line,
      files: [],
      addressed: true,
      created_at: clock.now(),
    });
    if (!taken) this.#failed = true;
  }

  /** The options with what the command's form asks for, one by one; undefined after Ctrl-C. */
  async #completed(typed: TypedCommand): Promise<TypedCommand["options"] | undefined> {
    if (!this.#interactive) return typed.options;
    const form = await this.#options.host.form(TERMINAL_PLACE, { ...typed, ...ALL_RIGHTS });
    if (!form) return typed.options;
    const options = new Map(typed.options);
    return this.#ask(async (signal) => {
      this.#surface.answer(`${form.title}. Enter keeps what stands in brackets; Ctrl-C ends this.`);
      for (const { name, label, value, hint } of form.fields) {
        this.#surface.answer(`${label}${value ? ` [${value}]` : hint ? ` (${hint})` : ""}:`);
        const line = await this.#nextLine(signal);
        if (line === undefined) return undefined;
        options.set(name, line.trim() === "" ? (value ?? "") : line);
      }
      return options;
    });
  }

  /** It is taken out of the lines that the arrow keys bring back. */
  readonly #askPassword: AskPassword = (file, again) =>
    this.#ask(async (signal) => {
      const how = again ? "That is not the password" : "It is encrypted";
      this.#surface.answer(`${how}: ${file}. Type its password, or press Ctrl-C.`);
      const line = await this.#nextLine(signal);
      if (line !== undefined) forget(this.#lines, line);
      return line;
    });

  /** Asks when no other question is open; not at all where Ctrl-C came before. */
  #ask<T>(question: (signal: AbortSignalLike) => Promise<T | undefined>): Promise<T | undefined> {
    const { signal } = this.#interrupt;
    return this.#questions.run(async () => (signal.aborted ? undefined : question(signal)));
  }

  /** The next line that is typed; Ctrl-C gives none. */
  #nextLine(signal: AbortSignalLike): Promise<string | undefined> {
    return new Promise((resolve) => {
      const done = (line?: string): void => {
        this.#answerTo = undefined;
        signal.removeEventListener("abort", onAbort);
        resolve(line);
      };
      const onAbort = (): void => done();
      signal.addEventListener("abort", onAbort, { once: true });
      this.#answerTo = done;
    });
  }

  async #answer(text: string, file: ReplyFile | undefined): Promise<void> {
    const saved = file ? `\nWritten to ${await this.#options.saveFile(file)}` : "";
    this.#surface.answer(`${text}${saved}`);
  }

  /** Grows with time and never falls behind what was used before, whatever the clock does. */
  #nextId(): string {
    const now = BigInt(this.#options.clock.now()) * 1000n;
    this.#lastId = now > this.#lastId ? now : this.#lastId + 1n;
    return String(this.#lastId);
  }

  readonly #completer = (line: string): [string[], string] => {
    const words = this.#options.host.commands.flatMap((command) => [
      `/${command.name}`,
      ...(command.subcommands ?? []).map((sub) => `/${command.name} ${sub.name}`),
    ]);
    const hits = [...words, "/quit"].filter((word) => word.startsWith(line));
    return [line.startsWith("/") ? hits : [], line];
  };
}

/** readline keeps what was typed; its typings do not say so. */
function forget(lines: Interface, line: string): void {
  const { history } = lines as Interface & { history?: string[] };
  if (history?.[0] === line) history.shift();
}

function isQuit(line: string): boolean {
  return /^\/(quit|exit)(?:\s|$)/i.test(line.trim());
}
