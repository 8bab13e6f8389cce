/**
 * The contract of a slash command. The same object serves Discord and the terminal: it says what it
 * is called and takes, and does its work through the session, without knowing which surface asked.
 */
import type { AbortSignalLike } from "../shared/abort.ts";
import type { ChannelSession } from "./channel-session.ts";
import type { AskPassword, IncomingFile, Person, Place } from "./ports.ts";

interface OptionBase {
  /** `[a-z0-9_-]{1,32}` */
  name: string;
  /** At most 100 characters. */
  description: string;
  required?: boolean;
}

export type CommandOption =
  | (OptionBase & { type: "string"; choices?: readonly string[]; autocomplete?: boolean })
  | (OptionBase & { type: "integer"; min?: number; max?: number })
  | (OptionBase & { type: "boolean" })
  | (OptionBase & { type: "file" });

/**
 * `everyone` may look and attach; `manage_channel` is needed to change what all share, and
 * `manage_server` to change what other channels see.
 */
export type Permission = "everyone" | "manage_channel" | "manage_server";

export interface Subcommand {
  name: string;
  description: string;
  permission: Permission;
  /** It changes what others see though everyone may do it, so all see the answer. */
  in_public?: boolean;
  options?: readonly CommandOption[];
  /** What is still to be asked for; undefined where the call says it all. May throw as `run` does. */
  form?(call: FormRequest): Form | undefined;
}

/** Up to five texts that are asked for at once: by a modal on Discord, one by one in a terminal. */
export interface Form {
  /** At most 45 characters; longer ones are cut. */
  title: string;
  fields: readonly FormField[];
}

/** Comes back as the option of that name; an empty text where nothing was typed. */
export interface FormField {
  name: string;
  /** At most 45 characters. */
  label: string;
  /** Several lines. */
  long?: boolean;
  required?: boolean;
  /** At most 4,000 characters. */
  max_length: number;
  /** What stands there to begin with. */
  value?: string;
  /** Shown while nothing stands there; at most 100 characters. */
  hint?: string;
}

/** A command has either subcommands or options of its own. */
export interface Command {
  name: string;
  description: string;
  /** For a command without subcommands. Default "everyone". */
  permission?: Permission;
  /** Its answer is for the caller alone, whoever may call it. */
  in_private?: boolean;
  options?: readonly CommandOption[];
  subcommands?: readonly Subcommand[];
  /** Longer help for `/help`, in Markdown; one or two examples. */
  help: string;
  run(call: CommandCall): Promise<void>;
  /** Values to offer for an `autocomplete` option, best first; surfaces cut to their limit. */
  complete?(call: CompletionCall): Promise<readonly string[]>;
}

export type OptionValue = string | number | boolean | IncomingFile;

/** A file that goes with an answer. */
export interface ReplyFile {
  /** A plain file name. */
  name: string;
  bytes: Uint8Array;
}

/** Answers; a later call replaces the answer in place. Long texts are split by the surface. */
export type Reply = (text: string, extra?: { file?: ReplyFile }) => Promise<void>;

export interface CommandCall {
  /** In one order with message ids; absent where commands have none. */
  id?: string;
  subcommand: string | undefined;
  /** Checked against the command's options: required ones are there, types and choices are right. */
  options: ReadonlyMap<string, OptionValue>;
  person: Person;
  /** Whether the person holds Manage Channels here. */
  may_manage: boolean;
  place: Place;
  session: ChannelSession;
  /** All commands, for `/help`. */
  commands: readonly Command[];
  signal?: AbortSignalLike;
  /** Whether the person may change what the whole server shares. */
  may_manage_server: boolean;
  /** Absent where nobody can be asked. */
  askPassword?: AskPassword;
  reply: Reply;
  /** Like `reply`, but paced, and droppable when a newer text comes. */
  progress(text: string): void;
}

/** Who may call the command, and which options there are, is checked already; required ones may lack. */
export type FormRequest = Pick<CommandCall, "options" | "session">;

export interface CompletionCall {
  subcommand: string | undefined;
  /** The option being typed, and what stands there so far. */
  option: string;
  typed: string;
  session: ChannelSession;
  /** All commands, for `/help`. */
  commands: readonly Command[];
}
