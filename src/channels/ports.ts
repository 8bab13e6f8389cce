/**
 * What the channels ask of a surface (Discord, the terminal), and the plain data that surfaces
 * hand in. Nothing here knows discord.js.
 */
import type { AbortSignalLike } from "../shared/abort.ts";
import type { ColloquyError } from "../shared/errors.ts";

export interface Person {
  /** Stable for ever: the platform's user id. */
  id: string;
  /** As shown in this channel; anything a person can type. */
  display_name: string;
}

/** One groupchat's place: a text channel, a thread, a direct message or the terminal. */
export interface Place {
  id: string;
  kind: "channel" | "thread" | "dm" | "terminal";
  /** What data sources belong to: the guild's id, or the place's own id outside guilds. */
  scope: string;
  name: string;
}

export interface IncomingFile {
  /** Stable id of the upload. */
  id: string;
  /** Untrusted display text. */
  name: string;
  /** Bytes as announced; the reading end enforces its own limit. */
  size: number;
  /** Address of the message that it came with, where there is one. */
  link?: string;
  /** Fetches the bytes; fails with a `DocumentError`. */
  read(signal?: AbortSignalLike): Promise<Uint8Array>;
}

export interface IncomingMessage {
  /** Unique in its place and growing with time: the platform's message id. */
  id: string;
  person: Person;
  text: string;
  files: readonly IncomingFile[];
  /** The bot was addressed by mention or reply; a direct message always is. */
  addressed: boolean;
  /** Milliseconds since the epoch. */
  created_at: number;
}

export interface Voice {
  /** The agent's name as people see it. */
  name: string;
  avatar_url?: string;
}

/** One answer to be put before people, perhaps in several pieces. */
export interface Post {
  /** Deterministic, `[a-z0-9]{1,20}`: the same answer has the same id after a restart. */
  id: string;
  voice: Voice;
  text: string;
  /** Inner thoughts and function traces, one line each, shown small and grey. */
  traces: readonly string[];
  /** Pieces known to be posted already; they are passed over. */
  posted: number;
  /** True after a restart: what the channel already shows is compared before anything is posted. */
  recovering: boolean;
  /** Id of the newest message that the answer replies to. */
  after: string;
  /** Messages that show its beginning already, in order; they are edited into it. */
  drafted: readonly string[];
  /** Under its last piece. */
  controls?: readonly Control[];
}

/** An answer that is being written, as people see it. */
export interface Draft {
  /** All of the text so far, and its traces. Shown at the surface's own pace, the newest wins. */
  update(text: string, traces: readonly string[]): void;
  /** Resolves when nothing is under way any more; later updates are ignored. Never rejects. */
  end(): Promise<void>;
}

/**
 * Asks the person for a locked file's password; `again`: the one before was wrong. Undefined: none was
 * given. It is kept nowhere.
 */
export type AskPassword = (file: string, again: boolean) => Promise<string | undefined>;

/** How work is cancelled, and by whom. */
export interface Cancel {
  person: Person;
  cancel(): void;
}

/** A message of the bot that changes in place. Updates are paced by the surface; the last one wins. */
export interface Progress {
  update(text: string): void;
  /** The final text; resolves when it is shown. */
  finish(text: string): Promise<void>;
}

/**
 * What people can press or choose from under a line; comes back as `press`. In a place they stand on one
 * line at a time: a newer post, or a notice that brings some, takes them from the older line.
 */
export interface Control {
  /** `[a-z0-9:.]{1,80}` */
  id: string;
  label: string;
  /** With options it is a menu, whose choice comes back as the value; without, a button. */
  options?: readonly string[];
}

/**
 * The outlet of one place. Every method bounds its own time; a failure is a `ColloquyError` whose
 * sentence may be logged and, where possible, shown. Nothing that is said through it pings.
 */
export interface Surface {
  /**
   * Posts the pieces of `post` in order, splitting as the platform needs, always in the same way
   * for the same text. `onPiece` is awaited after each, with the number of pieces posted so far.
   * Safe to repeat after a crash: a piece that is there already is not posted twice.
   */
  speak(post: Post, onPiece: (posted: number) => Promise<void>): Promise<void>;
  /** Whether people can watch an answer here while it is written. */
  readonly live: boolean;
  /**
   * Shows an answer while it is written, marked as unfinished; not at all if it is soon done. Ends with
   * `speak` of the same id, or with `retract`. `onMessage` is awaited with the id of each message made for it,
   * before anything else is done to it: when it rejects, as on any failure, no more is shown.
   */
  draft(
    post: Pick<Post, "id" | "voice" | "after">,
    onMessage: (message: string) => Promise<void>,
  ): Draft;
  /**
   * Takes back the draft that nothing came of, so these `messages`; where `after` is given, also all others
   * behind it that are marked as unfinished. Safe to repeat. Where it cannot be, it is said or logged;
   * rejects only while the platform is out of reach.
   */
  retract(messages: readonly string[], after?: string): Promise<void>;
  /** A line of the bot's own, outside the groupchat: notices, failures; what can be done about it. */
  notify(text: string, controls?: readonly Control[]): Promise<void>;
  /** Controls in place of those that stand now, on the same line; none takes them away. Not waited for. */
  control(controls: readonly Control[]): void;
  /**
   * Why nothing can be said here for now, undefined where it can; answered without asking anybody.
   * As long as it is so no run begins, no model is asked, and lines wait.
   */
  parked(): ColloquyError | undefined;
  /** Shows that `voice` is at work until the returned function is called (once or more). */
  typing(voice: Voice): () => void;
  /** With `stop`, people get a way to cancel the work while it goes on, if the surface has one. */
  progress(text: string, stop?: Cancel): Promise<Progress>;
  /** Offers to attach a file that somebody posted; accepting comes back as `acceptOffer`. */
  offerAttachment(message: IncomingMessage, file: IncomingFile, text: string): Promise<void>;
}
