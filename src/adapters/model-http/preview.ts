/**
 * Shows people an answer while attempts may still fail. What was shown cannot be taken back: a retry
 * is shown only as far as it continues it.
 */
import type { ToolCallDelta } from "../../memgpt/ports.ts";

export class Preview {
  readonly #show: (delta: string) => void;
  #shown = "";

  constructor(show: (delta: string) => void) {
    this.#show = show;
  }

  /** Begins an attempt; takes its pieces in order. */
  begin(): (delta: string) => void {
    let text = "";
    return (delta) => {
      text += delta;
      if (text.length <= this.#shown.length || !text.startsWith(this.#shown)) return;
      const fresh = text.slice(this.#shown.length);
      this.#shown = text;
      this.#show(fresh);
    };
  }
}

/** The same for tool calls, each under its place and name. */
export class CallPreview {
  readonly #show: (delta: ToolCallDelta) => void;
  readonly #calls = new Map<string, Preview>();

  constructor(show: (delta: ToolCallDelta) => void) {
    this.#show = show;
  }

  begin(): (delta: ToolCallDelta) => void {
    const attempt = new Map<string, (piece: string) => void>();
    return ({ index, name, arguments: piece }) => {
      const key = `${index} ${name}`;
      const preview =
        this.#calls.get(key) ??
        new Preview((fresh) => this.#show({ index, name, arguments: fresh }));
      this.#calls.set(key, preview);
      const add = attempt.get(key) ?? preview.begin();
      attempt.set(key, add);
      add(piece);
    };
  }
}
