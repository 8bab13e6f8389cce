/**
 * The terminal as a surface: an agent's name, its text, its traces in grey. The bot's own lines are
 * Markdown, of which the terminal shows the bold and drops the marks; what agents say stands as
 * they wrote it.
 */
import type {
  Control,
  IncomingFile,
  IncomingMessage,
  Post,
  Progress,
  Surface,
} from "../channels/ports.ts";
import type { Screen } from "./screen.ts";

const GREY = "2";
const BOLD = "1";
const YELLOW = "33";
const BOLD_CYAN = "1;36";

export class ConsoleSurface implements Surface {
  readonly #screen: Screen;

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  async speak(post: Post, onPiece: (posted: number) => Promise<void>): Promise<void> {
    if (post.posted > 0) return;
    const name = this.#style(BOLD_CYAN, printable(post.voice.name));
    const traces = post.traces.map((line) => `${this.#style(GREY, `  ${printable(line)}`)}\n`);
    const text = post.text.trim() === "" ? "" : `${printable(post.text)}\n`;
    this.#screen.print(`${name}\n${traces.join("")}${text}\n`);
    await onPiece(1);
  }

  async notify(text: string, controls: readonly Control[] = []): Promise<void> {
    const typed = controls.map((control) => `\n${typedFor(control)}`).join("");
    this.#screen.print(`${this.#style(YELLOW, this.#rendered(text))}${printable(typed)}\n\n`);
  }

  /** In a terminal, what can be done is said once, with the notice. */
  control(): void {}

  parked(): undefined {
    return undefined;
  }

  typing(voice: { name: string }): () => void {
    this.#screen.status(`${printable(voice.name)} is thinking …`);
    return () => this.#screen.status(undefined);
  }

  async progress(text: string): Promise<Progress> {
    this.working(text);
    return {
      update: (next) => this.working(next),
      finish: async (last) => this.answer(last),
    };
  }

  async offerAttachment(_: IncomingMessage, file: IncomingFile, text: string): Promise<void> {
    this.#screen.print(`${this.#rendered(text)} Type: /attach "${printable(file.name)}"\n`);
  }

  /** An answer to a command: the bot's own words. */
  answer(text: string): void {
    this.#screen.status(undefined);
    this.#screen.print(`${this.#rendered(text)}\n\n`);
  }

  /** How far a command is; the next thing replaces it. */
  working(text: string): void {
    this.#screen.status(printable(plain(text)).replace(/\s+/g, " "));
  }

  #rendered(text: string): string {
    // Control characters go first: the ones that style are added after.
    return plain(printable(text), (bold) => this.#style(BOLD, bold));
  }

  #style(code: string, text: string): string {
    return this.#screen.styled ? `\u001b[${code}m${text}\u001b[0m` : text;
  }
}

/** The Markdown of the bot's own lines as plain text; `bold` is done to what is between `**`. */
function plain(text: string, bold = (inner: string): string => inner): string {
  return text.replace(
    /\\([\\`*~|<>[\]_#+-])|\*\*((?:\\.|[^\\*])+)\*\*/g,
    (_, mark: string | undefined, inner: string | undefined) => mark ?? bold(plain(inner ?? "")),
  );
}

/** What does the same as a control, in a terminal. */
function typedFor({ label, options }: Control): string {
  if (options) return `Type: /groupchat next NAME, one of ${options.join(", ")}`;
  // The command of that name switches the agents off as well.
  return label === "Stop" ? "Type: STOP" : `Type: /groupchat ${label.toLowerCase()}`;
}

/** Without control characters, so that no text can drive the terminal. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out.
  return text.replace(/\r\n?/g, "\n").replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, "");
}
