/**
 * What surfaces call when something happens: the one door from Discord or the terminal into the
 * groupchats. `ChannelRegistry` implements it.
 */
import type { AbortSignalLike } from "../shared/abort.ts";
import type { Command, Form, OptionValue, Reply } from "./command.ts";
import type {
  AskPassword,
  Control,
  IncomingFile,
  IncomingMessage,
  Person,
  Place,
  Surface,
} from "./ports.ts";

/** A command as somebody called it, not yet checked. */
export interface CommandRequest {
  /** Grows with time, in one order with message ids. Absent where commands have none. */
  id?: string;
  name: string;
  subcommand: string | undefined;
  options: ReadonlyMap<string, OptionValue>;
  person: Person;
  /** Whether the person holds Manage Channels here; always true in the terminal and in DMs. */
  may_manage: boolean;
  /** Whether the person holds Manage Server; absent is no. */
  may_manage_server?: boolean;
  askPassword?: AskPassword;
  signal?: AbortSignalLike;
  reply: Reply;
  progress(text: string): void;
}

/** A call without who made it. */
export type CalledCommand = Pick<
  CommandRequest,
  "name" | "subcommand" | "options" | "may_manage" | "may_manage_server"
>;

/** A place with a groupchat, and where catching up on it begins. */
export interface KnownPlace {
  place: Place;
  /** The newest message id whose line is durable, "" if none. */
  newest_message_id: string;
}

export interface AttachRequest
  extends Pick<CommandRequest, "person" | "signal" | "askPassword" | "reply" | "progress"> {
  files: readonly IncomingFile[];
}

/** Somebody used a `Control`. */
export interface PressRequest {
  /** Of the press, in one order with message ids; absent where presses have none. */
  at?: string;
  /** The control's; may be of an older make, or made up. */
  id: string;
  /** What was chosen from a menu. */
  value?: string;
  person: Person;
}

export interface PressAnswer {
  /** Absent where all has been said already. */
  text?: string;
  /** To the person; for all, as a line of its own; for all, in place of the line with the control. */
  where: "alone" | "below" | "instead";
  /** Of the line for all. */
  controls?: readonly Control[];
}

export interface ChannelHost {
  /** The commands to register, in the order of `commands/index.ts`. */
  readonly commands: readonly Command[];
  /**
   * Gives the host its way to speak, and resumes the turns that a crash cut short. Called once,
   * when the surface can post. `surfaceFor` is cheap and may be called again for the same place.
   */
  connect(surfaceFor: (place: Place) => Surface): Promise<void>;
  /**
   * A line that somebody wrote. Resolves when the run that answers it has ended (at once when the
   * line is not for the groupchat); never rejects: failures are told in the channel and logged.
   * False when the line could not be stored, or its run ended with a failure or a used-up budget. A message id seen before is passed over.
   */
  receive(place: Place, message: IncomingMessage): Promise<boolean>;
  /** The newest message id accepted in a place, "" if none: where catching up begins. */
  newestMessageId(place: Place): Promise<string>;
  /**
   * All places that something was stored of. Read from the store without opening them; fails with a
   * `StoreError`. What was written there since is to be handed to `receive`, oldest first.
   */
  knownPlaces(): Promise<readonly KnownPlace[]>;
  /** Somebody accepted `Surface.offerAttachment`. */
  acceptOffer(
    place: Place,
    person: Person,
    file: IncomingFile,
    askPassword?: AskPassword,
  ): Promise<void>;
  /** Somebody wants files in the first MemGPT agent's memory; answers through the request; never rejects. */
  attachFiles(place: Place, request: AttachRequest): Promise<void>;
  /** Does what a control stands for; resolves at once, not when the run has ended; never rejects. */
  press(place: Place, request: PressRequest): Promise<PressAnswer>;
  /**
   * What a command asks for in a form before it is run with what was typed there; undefined where it
   * needs none, or would be refused: then `command` says why. Never rejects.
   */
  form(place: Place, request: CalledCommand): Promise<Form | undefined>;
  /** Checks and runs a command; answers through the request; never rejects. */
  command(place: Place, request: CommandRequest): Promise<void>;
  /** Values for autocomplete, best first; empty when there are none or anything fails. */
  complete(
    place: Place,
    request: { name: string; subcommand: string | undefined; option: string; typed: string },
  ): Promise<readonly string[]>;
}
