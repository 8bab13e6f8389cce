/**
 * The terminal as a surface: an agent's name, its text, its traces in grey. The bot's own lines are
 * Markdown, of which the terminal shows the bold and drops the marks; what agents say stands as
 * they wrote it.
 */
import type {
  Control,
  Draft,
  IncomingFile,
  IncomingMessage,
  Post,
  Progress,
  Surface,
} from "../channels/ports.ts";
import { ColloquyError } from "../shared/errors.ts";
import { ConsoleDraft } from "./console-draft.ts";
import { printable } from "./printable.ts";
import type { Screen } from "./screen.ts";

const GREY = "2";
const BOLD = "1";
const YELLOW = "33";
const BOLD_CYAN = "1;36";

export class ConsoleSurface implements Surface {
  readonly live: boolean;
  readonly #screen: Screen;
  #draft: ConsoleDraft | undefined;

  constructor(screen: Screen) {
    this.#screen = screen;
    this.live = screen.live;
  }

  async speak(post: Post, onPiece: (posted: number) => Promise<void>): Promise<void> {
    if (post.posted > 0) return;
    const draft = this.#draft;
    this.#draft = undefined;
    if (draft?.id !== post.id || !draft.finish(post)) {
      const traces = post.traces.map((line) => this.#grey(line)).join("");
      const text = post.text.trim() === "" ? "" : `${printable(post.text)}\n`;
      this.#screen.print(`${this.#name(post)}${traces}${text}\n`);
    }
    await onPiece(1);
  }

  /** The lines that are whole stay where they are; no messages are made that could be edited. */
  draft(post: Pick<Post, "id" | "voice">): Draft {
    const grey = (line: string): string => this.#grey(line);
    this.#draft = new ConsoleDraft(this.#screen, post.id, this.#name(post), grey);
    return this.#draft;
  }

  async retract(): Promise<void> {
    this.#draft?.retract();
    this.#draft = undefined;
  }

  /** Rejects for a question where output is piped: the next line is read only when this one is answered. */
  async notify(text: string, controls: readonly Control[] = []): Promise<void> {
    if (!this.live && controls.some(({ options }) => options)) {
      throw new ColloquyError("nobody_asked", "Nobody can be asked here");
    }
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

  #name({ voice }: Pick<Post, "voice">): string {
    return `${this.#style(BOLD_CYAN, printable(voice.name))}\n`;
  }

  #grey(line: string): string {
    return `${this.#style(GREY, `  ${printable(line)}`)}\n`;
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
