/**
 * The message of a `send_message` call while the model writes it, as pieces of the arguments that the
 * call will have; other calls are told when they are whole. Its thoughts, in the same JSON, are
 * thought-stream.ts's.
 */
import type { ToolCall, ToolCallDelta } from "../../memgpt/ports.ts";
import { readText } from "./repair-json.ts";
import { heldBack } from "./thought-stream.ts";

const SPEAKS = "send_message";
/** Up to the message's first character. */
const START = /"function"\s*:\s*"send_message"[\s\S]*?"message"\s*:\s*"/;
/** The message, as far as it is there; never half an escape. */
const WRITTEN = /(?:\\u[0-9a-fA-F]{4}|\\[^u]|[^"\\])*/y;

export class CallStream {
  readonly #tell: (delta: ToolCallDelta) => void;
  readonly #stop: readonly string[];
  #text: string;
  #start: number | undefined;
  #told = "";

  /** @param prompt with the answer's beginning in `forced` */
  constructor(
    tell: (delta: ToolCallDelta) => void,
    prompt: { forced: string; stop: readonly string[] },
  ) {
    this.#tell = tell;
    this.#text = prompt.forced;
    this.#stop = prompt.stop;
  }

  push(delta: string): void {
    this.#text += delta;
    if (this.#start === undefined) {
      const found = START.exec(this.#text);
      if (!found) return;
      this.#start = found.index + found[0].length;
    }
    WRITTEN.lastIndex = this.#start;
    const message = readText(WRITTEN.exec(heldBack(this.#text, this.#stop))?.[0] ?? "");
    // Half a letter would be written otherwise than the whole one.
    if (message === undefined || /[\ud800-\udbff]$/.test(message)) return;
    this.#tellUpTo(SPEAKS, 0, JSON.stringify({ message }).slice(0, -2));
  }

  /** The calls that the whole answer was read as. */
  end(calls: readonly ToolCall["function"][]): void {
    for (const [index, { name, arguments: args }] of calls.entries()) {
      if (index === 0 && name === SPEAKS) this.#tellUpTo(name, index, args);
      else this.#tell({ index, name, arguments: args });
    }
  }

  /** Nothing is taken back: what does not go on from what was told is not told. */
  #tellUpTo(name: string, index: number, args: string): void {
    if (args.length <= this.#told.length || !args.startsWith(this.#told)) return;
    const fresh = args.slice(this.#told.length);
    this.#told = args;
    this.#tell({ index, name, arguments: fresh });
  }
}
