import { PassThrough } from "node:stream";
import { commands } from "../../commands/index.ts";
import type { Form } from "../../src/channels/command.ts";
import type { ChannelHost, CommandRequest, PressAnswer } from "../../src/channels/host.ts";
import type { IncomingMessage, Place, Surface } from "../../src/channels/ports.ts";
import { Terminal } from "../../src/console/terminal.ts";
import { DocumentError } from "../../src/documents/ports.ts";
import { ada, file } from "../channels/channel-world.ts";
import { FakeClock } from "../fakes/fake-clock.ts";

/** A host that does what the test says, and keeps what it was asked. */
export class FakeHost implements ChannelHost {
  readonly commands = commands;
  readonly messages: IncomingMessage[] = [];
  readonly requests: CommandRequest[] = [];
  newest = "";
  onMessage: (message: IncomingMessage, surface: Surface) => Promise<void> = async () => {};
  onCommand: (request: CommandRequest) => Promise<void> = (request) => request.reply("Done.");
  #surface: Surface | undefined;

  get surface(): Surface {
    if (!this.#surface) throw new Error("not connected");
    return this.#surface;
  }

  async connect(surfaceFor: (place: Place) => Surface): Promise<void> {
    this.#surface = surfaceFor({ id: "terminal", kind: "terminal", scope: "t", name: "t" });
  }

  /** What becomes of lines: taken, or not. */
  takes = true;

  async receive(_: Place, message: IncomingMessage): Promise<boolean> {
    this.messages.push(message);
    await this.onMessage(message, this.surface);
    return this.takes;
  }

  async newestMessageId(): Promise<string> {
    return this.newest;
  }

  async knownPlaces() {
    return [];
  }

  async acceptOffer(): Promise<void> {}

  async attachFiles(): Promise<void> {}

  async command(_: Place, request: CommandRequest): Promise<void> {
    this.requests.push(request);
    await this.onCommand(request);
  }

  onForm: () => Promise<Form | undefined> = async () => undefined;

  form(): Promise<Form | undefined> {
    return this.onForm();
  }

  async press(): Promise<PressAnswer> {
    return { text: "pressed", where: "below" as const };
  }

  async complete(): Promise<readonly string[]> {
    return [];
  }
}

const COLUMNS = 80;

export interface FakeTerminal {
  host: FakeHost;
  terminal: Terminal;
  clock: FakeClock;
  type(text: string): void;
  /** Ends the input. */
  end(): void;
  /** All that was written so far, as bytes. */
  raw(): string;
  /** What a person would see: the screen after all cursor movements. */
  seen(): string;
  output: PassThrough;
}

export function fakeTerminal(tty: boolean): FakeTerminal {
  const input = Object.assign(new PassThrough(), tty ? { isTTY: true } : {});
  const output = Object.assign(new PassThrough(), tty ? { isTTY: true, columns: COLUMNS } : {});
  let written = "";
  output.on("data", (chunk: Buffer) => {
    written += chunk.toString();
  });
  const host = new FakeHost();
  const clock = new FakeClock();
  const terminal = new Terminal({
    host,
    input,
    output,
    person: ada,
    openFile: async (path) => {
      if (path.includes("missing")) {
        throw new DocumentError("file_unreachable", "There is no such file.");
      }
      return file(path, "x");
    },
    saveFile: async ({ name }) => `/exports/${name}`,
    clock,
  });
  return {
    host,
    terminal,
    clock,
    output,
    type: (text) => input.write(text),
    end: () => input.end(),
    raw: () => written,
    seen: () => screenAfter(written),
  };
}

/** The little of a terminal that readline and the screen use. */
function screenAfter(text: string): string {
  const rows: string[] = [""];
  let row = 0;
  let column = 0;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is read.
  for (const [part, count, code] of text.matchAll(/\u001b\[([\d;]*)([A-Za-z])|[\s\S]/g)) {
    const n = Number(count || 1);
    if (code === undefined) {
      if (part === "\n") {
        row += 1;
        column = 0;
        rows[row] ??= "";
      } else if (part === "\r") column = 0;
      else {
        if (column >= COLUMNS) {
          row += 1;
          column = 0;
          rows[row] ??= "";
        }
        const line = (rows[row] ?? "").padEnd(column);
        rows[row] = line.slice(0, column) + part + line.slice(column + 1);
        column += 1;
      }
    } else if (code === "A") row = Math.max(0, row - n);
    else if (code === "B") row += n;
    else if (code === "C") column += n;
    else if (code === "D") column = Math.max(0, column - n);
    else if (code === "G") column = n - 1;
    else if (code === "J") {
      rows.length = row + 1;
      rows[row] = (rows[row] ?? "").slice(0, column);
    } else if (code === "K") rows[row] = (rows[row] ?? "").slice(0, column);
  }
  return rows.map((line) => line.trimEnd()).join("\n");
}

/** Lets streams and readline do what is ready. */
export async function turn(): Promise<void> {
  for (let i = 0; i < 5; i += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** An agent says it, as a run has it said. */
export const speak = (t: FakeTerminal, text: string, traces: string[] = []) =>
  t.host.surface.speak(
    {
      id: "p1",
      voice: { name: "Mem" },
      text,
      traces,
      posted: 0,
      recovering: false,
      after: "1",
      drafted: [],
    },
    async () => {},
  );
