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
/** Characters in which the message must have begun: each piece before it means another look at all. */
const LATEST_START = 20_000;
/** The message, as far as it is there; never half an escape. */
const WRITTEN = /^(?:\\u[0-9a-fA-F]{4}|\\[^u]|[^"\\])*/;

export class CallStream {
  readonly #tell: (delta: ToolCallDelta) => void;
  readonly #stop: readonly string[];
  /** What has not been told yet. */
  #rest: string;
  #state: "before" | "inside" | "behind" = "before";
  #told = "";

  /** @param prompt with the answer's beginning in `forced` */
  constructor(
    tell: (delta: ToolCallDelta) => void,
    prompt: { forced: string; stop: readonly string[] },
  ) {
    this.#tell = tell;
    this.#rest = prompt.forced;
    this.#stop = prompt.stop;
  }

  push(delta: string): void {
    if (this.#state === "behind") return;
    this.#rest += delta;
    if (this.#state === "before") this.#begin();
    if (this.#state === "inside") this.#goOn();
  }

  #begin(): void {
    const found = START.exec(this.#rest);
    if (found) {
      this.#state = "inside";
      this.#rest = this.#rest.slice(found.index + found[0].length);
      this.#say('{"message":"');
    } else if (this.#rest.length > LATEST_START) this.#state = "behind";
  }

  #goOn(): void {
    const shown = heldBack(this.#rest, this.#stop);
    const written = WRITTEN.exec(shown)?.[0] ?? "";
    const text = readText(written);
    if (text === undefined || shown.charAt(written.length) === '"') this.#state = "behind";
    // Half a letter would be written otherwise than the whole one.
    if (text === undefined || text === "" || /[\ud800-\udbff]$/.test(text)) return;
    this.#rest = this.#rest.slice(written.length);
    this.#say(JSON.stringify(text).slice(1, -1));
  }

  /** The calls that the whole answer was read as. Nothing is taken back of what was told. */
  end(calls: readonly ToolCall["function"][]): void {
    for (const [index, { name, arguments: args }] of calls.entries()) {
      if (index > 0 || name !== SPEAKS) this.#tell({ index, name, arguments: args });
      else if (args.length > this.#told.length && args.startsWith(this.#told))
        this.#say(args.slice(this.#told.length));
    }
  }

  #say(piece: string): void {
    this.#told += piece;
    this.#tell({ index: 0, name: SPEAKS, arguments: piece });
  }
}
