/**
 * What surfaces call when something happens: the one door from Discord or the terminal into the
 * groupchats. `ChannelRegistry` implements it.
 */
import type { AbortSignalLike } from "../shared/abort.ts";
import type { Command, OptionValue, Reply } from "./command.ts";
import type { IncomingFile, IncomingMessage, Person, Place, Surface } from "./ports.ts";

/** A command as somebody called it, not yet checked. */
export interface CommandRequest {
  name: string;
  subcommand: string | undefined;
  options: ReadonlyMap<string, OptionValue>;
  person: Person;
  /** Whether the person holds Manage Channels here; always true in the terminal and in DMs. */
  may_manage: boolean;
  signal?: AbortSignalLike;
  reply: Reply;
  progress(text: string): void;
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
   * A message id seen before is passed over.
   */
  receive(place: Place, message: IncomingMessage): Promise<void>;
  /** The newest message id accepted in a place, "" if none: where catching up begins. */
  newestMessageId(place: Place): Promise<string>;
  /** Somebody accepted `Surface.offerAttachment`. */
  acceptOffer(place: Place, person: Person, file: IncomingFile): Promise<void>;
  /** Checks and runs a command; answers through the request; never rejects. */
  command(place: Place, request: CommandRequest): Promise<void>;
  /** Values for autocomplete, best first; empty when there are none or anything fails. */
  complete(
    place: Place,
    request: { name: string; subcommand: string | undefined; option: string; typed: string },
  ): Promise<readonly string[]>;
}
