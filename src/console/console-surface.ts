/**
 * The terminal as a surface: an agent's name, its text, its traces in grey. Colours and lines
 * that change in place only on a TTY; piped output is plain and append-only.
 */
import type { IncomingFile, IncomingMessage, Post, Progress, Surface } from "../channels/ports.ts";

/** Where text goes; `isTTY` decides on colours and on lines that change in place. */
export interface TextOutput {
  write(text: string): unknown;
  readonly isTTY?: boolean;
}

export class ConsoleSurface implements Surface {
  readonly #output: TextOutput;
  readonly #fancy: boolean;
  /** A line that a later write replaces: typing or progress. */
  #volatile = false;

  constructor(output: TextOutput) {
    this.#output = output;
    this.#fancy = output.isTTY === true;
  }

  async speak(post: Post, onPiece: (posted: number) => Promise<void>): Promise<void> {
    if (post.posted > 0) return;
    const traces = post.traces.map((line) => `${this.#style("2", `  ${printable(line)}`)}\n`);
    const text = post.text.trim() === "" ? "" : `${printable(post.text)}\n`;
    this.#print(`${this.#style("1;36", post.voice.name)}\n${traces.join("")}${text}\n`);
    await onPiece(1);
  }

  async notify(text: string): Promise<void> {
    this.#print(`${this.#style("33", printable(text))}\n\n`);
  }

  typing(voice: { name: string }): () => void {
    this.#replaceable(this.#style("2", `${voice.name} is thinking …`));
    return () => this.#clear();
  }

  async progress(text: string): Promise<Progress> {
    this.#replaceable(text);
    return {
      update: (next) => this.#replaceable(next),
      finish: async (last) => this.#print(`${printable(last)}\n\n`),
    };
  }

  async offerAttachment(_: IncomingMessage, file: IncomingFile, text: string): Promise<void> {
    this.#print(`${printable(text)} Type: /attach ${printable(file.name)}\n`);
  }

  /** An answer to a command: the bot's own words. */
  answer(text: string): void {
    this.#print(`${printable(text)}\n\n`);
  }

  /** A text that the next write replaces; dropped where the output cannot. */
  replaceable(text: string): void {
    this.#replaceable(text);
  }

  #print(text: string): void {
    this.#clear();
    this.#output.write(text);
  }

  #replaceable(text: string): void {
    if (!this.#fancy) return;
    this.#clear();
    this.#output.write(printable(text).replace(/\n/g, " "));
    this.#volatile = true;
  }

  #clear(): void {
    if (!this.#volatile) return;
    this.#output.write("\r\u001b[2K");
    this.#volatile = false;
  }

  #style(code: string, text: string): string {
    return this.#fancy ? `\u001b[${code}m${text}\u001b[0m` : text;
  }
}

/** Without control characters, so that no text can drive the terminal. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out.
  return text.replace(/\r\n?/g, "\n").replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, "");
}
