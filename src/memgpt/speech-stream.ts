/**
 * What an agent is about to say, told while the model writes its `send_message` calls. A preview: it
 * is never taken back, so an answer that is asked for again is told only as far as it continues what
 * was told. The reply is the truth.
 */
import { PartialArgument } from "./partial-argument.ts";
import type { ToolCallDelta } from "./ports.ts";

interface Writing {
  argument: PartialArgument;
  text: string;
}

export class SpeechStream {
  readonly #tell: (text: string) => void;
  #told = "";

  /** `tell` gets pieces that join to a prefix of the reply's messages, one to a line. */
  constructor(tell: (text: string) => void) {
    this.#tell = tell;
  }

  /** A listener for one answer of the model; `said` are the messages of the reply before it. */
  listen(said: readonly string[]): (delta: ToolCallDelta) => void {
    const before = said.map((message) => `${message}\n`).join("");
    const calls = new Map<number, Writing>();
    return ({ index, name, arguments: piece }) => {
      if (name !== "send_message") return;
      const call = calls.get(index) ?? { argument: new PartialArgument("message"), text: "" };
      calls.set(index, call);
      call.text += call.argument.push(piece);
      if (call.text === "") return;
      const texts = [...calls].sort(([a], [b]) => a - b).map(([, { text }]) => text);
      this.#tellUpTo(before + texts.join("\n"));
    };
  }

  #tellUpTo(text: string): void {
    if (text.length <= this.#told.length || !text.startsWith(this.#told)) return;
    const fresh = text.slice(this.#told.length);
    this.#told = text;
    this.#tell(fresh);
  }
}
