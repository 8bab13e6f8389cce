/**
 * An answer on the screen while it is being written: its whole lines stay, the last one grows above the
 * prompt. What was printed cannot be taken back, only marked.
 */
import type { Draft, Post } from "../channels/ports.ts";
import { printable } from "./printable.ts";
import type { Screen } from "./screen.ts";

export class ConsoleDraft implements Draft {
  readonly id: string;
  readonly #screen: Screen;
  readonly #name: string;
  readonly #grey: (line: string) => string;
  #begun = false;
  #ended = false;
  /** The whole lines, and how much of what was written they are. */
  #printed = "";
  #taken = 0;
  #traces = 0;

  /** `name` and what `grey` makes of a line are ready to print. */
  constructor(screen: Screen, id: string, name: string, grey: (line: string) => string) {
    this.id = id;
    this.#screen = screen;
    this.#name = name;
    this.#grey = grey;
  }

  update(text: string, traces: readonly string[]): void {
    if (this.#ended || (!this.#begun && text.trim() === "")) return;
    const rest = text.slice(this.#taken);
    const end = rest.lastIndexOf("\n") + 1;
    const lines = printable(rest.slice(0, end));
    const head = this.#begun ? "" : `${this.#name}${this.#freshTraces(traces)}`;
    this.#begun = true;
    this.#taken += end;
    this.#printed += lines;
    this.#screen.preview(printable(rest.slice(end)));
    if (head + lines !== "") this.#screen.print(head + lines);
  }

  async end(): Promise<void> {
    this.#ended = true;
  }

  /** Prints what is missing of the answer, its later traces below; false if nothing was shown of it. */
  finish(post: Post): boolean {
    if (!this.#begun) return false;
    const text = printable(post.text);
    const isSame = text.startsWith(this.#printed);
    const rest = isSame ? text.slice(this.#printed.length) : text;
    const anew = isSame ? "" : this.#grey("[it was written anew]");
    const body = rest.trim() === "" ? "" : `${rest}\n`;
    this.#screen.preview(undefined);
    this.#screen.print(`${anew}${body}${this.#freshTraces(post.traces)}\n`);
    return true;
  }

  retract(): void {
    if (!this.#begun) return;
    this.#screen.preview(undefined);
    this.#screen.print(`${this.#grey("[not finished, so not kept]")}\n`);
  }

  #freshTraces(traces: readonly string[]): string {
    const fresh = traces.slice(this.#traces);
    this.#traces = traces.length;
    return fresh.map((line) => this.#grey(line)).join("");
  }
}
