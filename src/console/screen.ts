/**
 * What the terminal shows: lines that stay, and one status that the next thing replaces. A plain
 * screen (piped output) only ever appends; a prompt screen keeps the prompt, and what somebody is
 * typing there, below all that is printed.
 */
import { cursorTo, type Interface, moveCursor, clearScreenDown as wipeBelow } from "node:readline";
import { wrapWords } from "./wrap-words.ts";

/** Where text goes; `isTTY` decides on colours and on what changes in place. */
export interface TextOutput extends NodeJS.WritableStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  /** Absent where nothing is known of colours. */
  hasColors?(): boolean;
}

export interface Screen {
  /** Whether colours may be used. */
  readonly styled: boolean;
  /** Whether anything can be replaced here. */
  readonly live: boolean;
  /** Text that stays, with its line end. */
  print(text: string): void;
  /** A line that the next one replaces; undefined removes it. Dropped where nothing can be replaced. */
  status(text: string | undefined): void;
  /** The same, in full: all that the screen has room for, in the usual colour. */
  preview(text: string | undefined): void;
}

const PROMPT = "> ";
const USUAL_COLUMNS = 80;
const USUAL_ROWS = 24;
/** For the prompt, and what is being typed there. */
const ROWS_BELOW = 4;

export class PlainScreen implements Screen {
  readonly styled = false;
  readonly live = false;
  readonly #output: TextOutput;

  constructor(output: TextOutput) {
    this.#output = output;
  }

  print(text: string): void {
    this.#output.write(text);
  }

  status(): void {}

  preview(): void {}
}

export class PromptScreen implements Screen {
  readonly styled: boolean;
  readonly live = true;
  readonly #output: TextOutput;
  readonly #lines: Interface;
  #closed = false;
  #status = "";

  /**
   * `lines` is a terminal's; its prompt is this screen's from now on, and is always shown. `keys` is
   * what they are typed into.
   */
  constructor(lines: Interface, output: TextOutput, keys: NodeJS.ReadableStream) {
    this.styled = output.hasColors?.() ?? true;
    this.#output = output;
    this.#lines = lines;
    lines.setPrompt(PROMPT);
    // What stands above the prompt goes before a typed line becomes one that stays, and comes back below.
    keys.prependListener("keypress", (_, key: { name?: string } | undefined) => {
      if (key?.name === "return" || key?.name === "enter") this.#redraw("", PROMPT);
    });
    lines.on("line", () => lines.setPrompt(this.#prompt));
    lines.once("close", () => {
      this.#closed = true;
      output.write("\n");
    });
  }

  print(text: string): void {
    if (this.#closed) {
      this.#output.write(wrapWords(text, this.#columns));
      return;
    }
    this.#redraw(wrapWords(text, this.#columns), this.#prompt);
  }

  status(text: string | undefined): void {
    const line = [...(text ?? "")].slice(0, this.#columns - 1).join("");
    this.#above(line === "" ? "" : grey(line, this.styled));
  }

  preview(text: string | undefined): void {
    const rows = Math.max(1, (this.#output.rows || USUAL_ROWS) - ROWS_BELOW);
    // What scrolls off the top could not be replaced; a letter takes up to two columns.
    const end = [...(text ?? "")].slice(-Math.floor((rows * this.#columns) / 2)).join("");
    this.#above(wrapWords(end, this.#columns));
  }

  /** A terminal that does not tell its width says 0. */
  get #columns(): number {
    return this.#output.columns || USUAL_COLUMNS;
  }

  #above(text: string): void {
    if (this.#closed || text === this.#status) return;
    this.#status = text;
    this.#lines.setPrompt(this.#prompt);
    this.#lines.prompt(true);
  }

  get #prompt(): string {
    return this.#status === "" ? PROMPT : `${this.#status}\n${PROMPT}`;
  }

  /** Wipes the prompt and what is typed, writes `text` in its place, and draws them below. */
  #redraw(text: string, prompt: string): void {
    if (this.#closed) return;
    const { rows } = this.#lines.getCursorPos();
    cursorTo(this.#output, 0);
    moveCursor(this.#output, 0, -rows);
    wipeBelow(this.#output);
    this.#output.write(text);
    // Readline goes up by the rows that it drew last before it draws again; these are wiped.
    (this.#lines as Interface & { prevRows?: number }).prevRows = 0;
    this.#lines.setPrompt(prompt);
    this.#lines.prompt(true);
  }
}

function grey(text: string, styled: boolean): string {
  return styled ? `\u001b[2m${text}\u001b[0m` : text;
}
