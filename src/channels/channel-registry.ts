/**
 * All groupchats of the process: opens each place's session once, hands it what surfaces report,
 * and lets idle ones go when there are many. A session whose store failed is dropped, so that the
 * next line opens it again from what is durable.
 */
import { explainError } from "../shared/errors.ts";
import type { Logger } from "../shared/logger.ts";
import { attachText, progressText } from "./channel-documents.ts";
import { ChannelSession, type SessionRuntime } from "./channel-session.ts";
import type { Command } from "./command.ts";
import { dispatchCommand } from "./dispatch-command.ts";
import type { ChannelHost, CommandRequest } from "./host.ts";
import { PlaceIndex } from "./place-index.ts";
import type { IncomingFile, IncomingMessage, Person, Place, Surface } from "./ports.ts";

const MOST_OPEN_SESSIONS = 1000;

interface Entry {
  session: Promise<ChannelSession>;
  /** Calls in flight: a session in use is never let go. */
  users: number;
}

export class ChannelRegistry implements ChannelHost {
  readonly commands: readonly Command[];
  readonly #runtime: SessionRuntime;
  readonly #logger: Logger;
  readonly #index: PlaceIndex;
  /** In the order of last use, the longest unused first. */
  readonly #entries = new Map<string, Entry>();
  #surfaceFor: ((place: Place) => Surface) | undefined;

  constructor(options: { commands: readonly Command[]; runtime: SessionRuntime }) {
    this.commands = options.commands;
    this.#runtime = options.runtime;
    this.#logger = options.runtime.logger;
    this.#index = new PlaceIndex(options.runtime.store);
  }

  async connect(surfaceFor: (place: Place) => Surface): Promise<void> {
    this.#surfaceFor = surfaceFor;
    const places = await this.#index.unfinished();
    for (const place of places) {
      this.#logger.info("resuming an unfinished turn", { channel: place.id });
      void this.#guarded(place, true, (session) => session.resume());
    }
  }

  async receive(place: Place, message: IncomingMessage): Promise<void> {
    const mayTell = message.addressed || place.kind === "terminal";
    await this.#guarded(place, mayTell, (session) => session.receive(message));
  }

  newestMessageId(place: Place): Promise<string> {
    return this.#use(place, async (session) => session.newestMessageId);
  }

  async acceptOffer(place: Place, person: Person, file: IncomingFile): Promise<void> {
    const progress = await this.#surface(place).progress(`Reading ${file.name} …`);
    try {
      const report = await this.#use(place, (session) =>
        session.documents.attach(file, {
          onProgress: (now) => progress.update(progressText(file.name, now)),
        }),
      );
      await progress.finish(attachText(report));
    } catch (error) {
      this.#logger.warn("an offered file could not be attached", {
        channel: place.id,
        person: person.id,
        error,
      });
      await progress.finish(explainError(error));
    }
  }

  command(place: Place, request: CommandRequest): Promise<void> {
    return dispatchCommand(request, {
      commands: this.commands,
      place,
      withSession: (work) => this.#use(place, work),
      logger: this.#logger.child({ channel: place.id }),
    });
  }

  async complete(
    place: Place,
    request: { name: string; subcommand: string | undefined; option: string; typed: string },
  ): Promise<readonly string[]> {
    const complete = this.commands.find((one) => one.name === request.name)?.complete;
    if (!complete) return [];
    try {
      return await this.#use(place, (session) =>
        complete({ ...request, session, commands: this.commands }),
      );
    } catch (error) {
      this.#logger.warn("autocomplete failed", { command: request.name, error });
      return [];
    }
  }

  /** Ends all runs, so that the process may end; the next start resumes them. */
  async close(): Promise<void> {
    const sessions = await Promise.allSettled([...this.#entries.values()].map((e) => e.session));
    await Promise.allSettled(
      sessions.map((one) => (one.status === "fulfilled" ? one.value.close() : undefined)),
    );
    this.#entries.clear();
  }

  /** Works with the place's session, opened once however many ask for it at the same time. */
  async #use<T>(place: Place, work: (session: ChannelSession) => Promise<T>): Promise<T> {
    const entry = this.#entries.get(place.id) ?? { session: this.#open(place), users: 0 };
    this.#entries.delete(place.id);
    this.#entries.set(place.id, entry);
    entry.users += 1;
    try {
      return await work(await entry.session);
    } finally {
      entry.users -= 1;
      await this.#dropIfOutdated(place.id, entry);
      this.#letIdleOnesGo();
    }
  }

  async #open(place: Place): Promise<ChannelSession> {
    await this.#index.add(place);
    return ChannelSession.open(this.#runtime, place, this.#surface(place));
  }

  async #guarded(
    place: Place,
    mayTell: boolean,
    work: (session: ChannelSession) => Promise<void>,
  ): Promise<void> {
    try {
      await this.#use(place, work);
    } catch (error) {
      this.#logger.error("a line could not be taken", { channel: place.id, error });
      if (!mayTell) return;
      await this.#surface(place)
        .notify(explainError(error))
        .catch((cause: unknown) => {
          this.#logger.warn("a failure could not be told", { channel: place.id, error: cause });
        });
    }
  }

  async #dropIfOutdated(placeId: string, entry: Entry): Promise<void> {
    const session = await entry.session.catch(() => undefined);
    if (session && !session.outdated) return;
    if (this.#entries.get(placeId) === entry) this.#entries.delete(placeId);
  }

  #letIdleOnesGo(): void {
    for (const [id, entry] of this.#entries) {
      if (this.#entries.size <= MOST_OPEN_SESSIONS) return;
      if (entry.users === 0) this.#entries.delete(id);
    }
  }

  #surface(place: Place): Surface {
    if (!this.#surfaceFor) throw new Error("The host is not connected to a surface.");
    return this.#surfaceFor(place);
  }
}
