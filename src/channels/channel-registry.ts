/**
 * All groupchats of the process: opens each place's session once, hands it what surfaces report,
 * and lets idle ones go when there are many. A session whose store failed is replaced by a new one,
 * opened from what is durable; what an outage left unanswered is taken up again.
 */
import { AbortSource } from "../shared/abort.ts";
import { ColloquyError, explainError, StoreError } from "../shared/errors.ts";
import type { Logger } from "../shared/logger.ts";
import { AnswerTimes } from "./answer-times.ts";
import { progressText } from "./channel-documents.ts";
import { ChannelSession, type SessionParts, type SessionRuntime } from "./channel-session.ts";
import type { Command, Form } from "./command.ts";
import { commandForm, dispatchCommand } from "./dispatch-command.ts";
import type {
  AttachRequest,
  CalledCommand,
  ChannelHost,
  CommandRequest,
  KnownPlace,
  PressAnswer,
  PressRequest,
} from "./host.ts";
import { IdleBudget } from "./idle-budget.ts";
import { IdleTimers } from "./idle-timers.ts";
import { cancelled } from "./offer-files.ts";
import { OptOuts } from "./opt-outs.ts";
import { outageOf } from "./outages.ts";
import { PersonSpending } from "./person-spending.ts";
import { PlaceIndex } from "./place-index.ts";
import type {
  AskPassword,
  IncomingFile,
  IncomingMessage,
  Person,
  Place,
  Surface,
} from "./ports.ts";
import { placesBySource, type SourceLinks } from "./source-links.ts";

const MOST_OPEN_SESSIONS = 1000;
/** After an outage, when to look again by ourselves; the next line looks too. */
const RETRY_PAUSES_MS = [5_000, 30_000, 120_000, 600_000];

interface Entry {
  session: Promise<ChannelSession>;
  /** Calls in flight: a session in use is never let go. */
  users: number;
}

type Work<T> = (session: ChannelSession) => Promise<T>;

export interface ChannelRegistryOptions {
  commands: readonly Command[];
  runtime: Omit<SessionRuntime, "opt_outs">;
  /** Sessions kept open beyond those in use. Default 1000. */
  most_open_sessions?: number;
  /** Absent: agents do nothing while nobody writes. */
  idle_work?: { quiet_ms: number; tokens_per_day: number };
}

export class ChannelRegistry implements ChannelHost {
  readonly commands: readonly Command[];
  readonly #runtime: SessionParts;
  readonly #logger: Logger;
  readonly #index: PlaceIndex;
  readonly #mostOpen: number;
  readonly #closing = new AbortSource();
  /** In the order of last use, the longest unused first. */
  readonly #entries = new Map<string, Entry>();
  /** Places whose people were told of a failure that lasts. */
  readonly #told = new Set<string>();
  readonly #retrying = new Set<string>();
  readonly #idle: IdleTimers | undefined;
  #surfaceFor: ((place: Place) => Surface) | undefined;

  constructor(options: ChannelRegistryOptions) {
    this.commands = options.commands;
    this.#index = new PlaceIndex(options.runtime.store);
    const opt_outs = new OptOuts(options.runtime.store);
    const times = new AnswerTimes();
    const spending = new PersonSpending(options.runtime.store);
    this.#runtime = { ...options.runtime, opt_outs, spending, times, links: this.#links() };
    this.#logger = options.runtime.logger;
    this.#mostOpen = options.most_open_sessions ?? MOST_OPEN_SESSIONS;
    this.#idle = options.idle_work && this.#idleTimers(options.idle_work);
  }

  async connect(surfaceFor: (place: Place) => Surface): Promise<void> {
    this.#surfaceFor = surfaceFor;
    for (const place of await this.#index.unfinished()) {
      this.#logger.info("resuming an unfinished turn", { channel: place.id });
      void this.#answer(place, true, (session) => session.resume({ after_restart: true }));
    }
  }

  receive(place: Place, message: IncomingMessage): Promise<boolean> {
    return this.#answer(place, message.addressed, (session) => session.receive(message));
  }

  newestMessageId(place: Place): Promise<string> {
    return this.#use(place, async (session) => session.newestMessageId);
  }

  knownPlaces(): Promise<readonly KnownPlace[]> {
    return this.#index.known();
  }

  async acceptOffer(
    place: Place,
    person: Person,
    file: IncomingFile,
    askPassword?: AskPassword,
  ): Promise<void> {
    const stop = new AbortSource();
    const progress = await this.#surface(place).progress(progressText(file.name), {
      person,
      cancel: () => stop.abort(cancelled()),
    });
    const ask = askPassword ? { askPassword } : {};
    await this.attachFiles(place, {
      ...{ person, files: [file], signal: stop.signal, ...ask },
      progress: (text) => progress.update(text),
      reply: (text) => progress.finish(text),
    });
  }

  async attachFiles(place: Place, request: AttachRequest): Promise<void> {
    const { files, signal, askPassword, person } = request;
    const logger = this.#logger.child({ channel: place.id, person: person.id });
    const options = {
      progress: request.progress,
      ...(signal ? { signal } : {}),
      ...(askPassword ? { askPassword } : {}),
    };
    try {
      const said = await this.#use(place, (session) => session.documents.attachAll(files, options));
      await request.reply(said);
    } catch (error) {
      logger.warn("files could not be attached", { error });
      await request.reply(explainError(error)).catch((cause: unknown) => {
        logger.warn("a failure could not be told", { error: cause });
      });
    }
  }

  async press(place: Place, request: PressRequest): Promise<PressAnswer> {
    try {
      return await this.#use(place, async (pressed) => {
        const { runs, ...answer } = await pressed.steering.press(request);
        // Begun while the session is in use: that the run goes on is not stored yet.
        if (runs) void this.#answer(place, true, (session) => session.resume());
        return answer;
      });
    } catch (error) {
      this.#logger.warn("a button could not be answered", { channel: place.id, error });
      return { text: explainError(error), where: "alone" };
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

  form(place: Place, request: CalledCommand): Promise<Form | undefined> {
    return commandForm(request, {
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
    const command = this.commands.find((one) => one.name === request.name);
    if (!command?.complete) return [];
    try {
      return await this.#use(
        place,
        async (session) =>
          (await command.complete?.({ ...request, session, commands: this.commands })) ?? [],
      );
    } catch (error) {
      this.#logger.warn("autocomplete failed", { command: request.name, error });
      return [];
    }
  }

  /** Ends all runs, so that the process may end; the next start resumes them. Takes nothing more. */
  async close(): Promise<void> {
    this.#closing.abort(new ColloquyError("closing", "The bot is shutting down"));
    await this.#idle?.stop();
    const entries = [...this.#entries.values()];
    this.#entries.clear();
    const closed = await Promise.allSettled(entries.map(async (e) => (await e.session).close()));
    for (const one of closed) {
      if (one.status === "rejected") {
        this.#logger.warn("a channel could not be closed cleanly", { error: one.reason });
      }
    }
  }

  #idleTimers({ quiet_ms, tokens_per_day }: { quiet_ms: number; tokens_per_day: number }) {
    const { store, clock, table } = this.#runtime;
    const budget = new IdleBudget({ tokens_per_day, store, clock, tokens: table.tokens });
    return new IdleTimers({
      quiet_ms,
      clock,
      logger: this.#logger,
      work: (place, signal) =>
        this.#within(place, (session) => session.idleWork(budget.through, signal)),
    });
  }

  /**
   * Does what leads to an answer. Where the state had to be read anew meanwhile, it is done again on
   * the new session: that one knows which lines it has. Whether it could be done; never rejects.
   */
  async #answer(place: Place, mayTell: boolean, work: Work<boolean>): Promise<boolean> {
    const seen: { session?: ChannelSession } = {};
    const seeing: Work<boolean> = (session) => {
      seen.session = session;
      return work(session);
    };
    let answered: boolean;
    try {
      try {
        answered = await this.#use(place, seeing);
      } catch (error) {
        if (this.#closing.signal.aborted || !seen.session?.outdated) throw error;
        this.#logger.warn("a channel's state is read again", { channel: place.id, error });
        answered = await this.#use(place, async (session) => {
          const heard = await seeing(session);
          return (await session.resume()) && heard;
        });
      }
      this.#told.delete(place.id);
      return answered;
    } catch (error) {
      if (this.#closing.signal.aborted) {
        this.#logger.info("a line is left to the next start", { channel: place.id, error });
        return false;
      }
      this.#logger.error("a line could not be answered", { channel: place.id, error });
      // A session that rejects had taken the line: those who wrote it wait for an answer.
      if (mayTell || seen.session) await this.#tellOnce(place, explainError(error));
      if (isPassing(error)) void this.#takeUpLater(place);
      return false;
    }
  }

  async #tellOnce(place: Place, text: string): Promise<void> {
    if (this.#told.has(place.id)) return;
    this.#told.add(place.id);
    try {
      await this.#surface(place).notify(text);
    } catch (error) {
      this.#logger.warn("a failure could not be told", { channel: place.id, error });
    }
  }

  async #takeUpLater(place: Place): Promise<void> {
    if (this.#retrying.has(place.id)) return;
    this.#retrying.add(place.id);
    try {
      for (const pause of RETRY_PAUSES_MS) {
        await this.#runtime.clock.sleep(pause, this.#closing.signal);
        if (await this.#takenUp(place)) return;
      }
    } catch {
      // The bot is shutting down; the next start takes it up.
    } finally {
      this.#retrying.delete(place.id);
    }
  }

  async #takenUp(place: Place): Promise<boolean> {
    try {
      await this.#use(place, (session) => session.resume());
      this.#told.delete(place.id);
      return true;
    } catch (error) {
      this.#logger.warn("an unanswered line still cannot be answered", {
        channel: place.id,
        error,
      });
      return false;
    }
  }

  /** Idle work ends when the place is used, and does not begin before that is over. */
  #use<T>(place: Place, work: Work<T>): Promise<T> {
    const used = (): Promise<T> => this.#within(place, work);
    return this.#idle ? this.#idle.awake(place, used) : used();
  }

  /** Works with the place's session, opened once however many ask for it at the same time. */
  async #within<T>(place: Place, work: Work<T>): Promise<T> {
    if (this.#closing.signal.aborted) throw this.#closing.signal.reason;
    const entry = this.#entries.get(place.id) ?? this.#enter(place, () => this.#open(place));
    this.#entries.delete(place.id);
    this.#entries.set(place.id, entry);
    entry.users += 1;
    try {
      return await work(await entry.session);
    } finally {
      entry.users -= 1;
      await this.#renewIfOutdated(place, entry);
      this.#letIdleOnesGo();
    }
  }

  #links(): SourceLinks {
    const usedIn: SourceLinks["usedIn"] = async (scope) =>
      placesBySource(await this.#index.inScope(scope));
    const refresh = async (from: Place, id: string): Promise<void> => {
      const places = (await usedIn(from.scope)).get(id) ?? [];
      const others = places.filter((place) => place.id !== from.id);
      const work: Work<void> = (session) => session.documents.relink(id);
      await Promise.all(others.map((place) => this.#use(place, work)));
    };
    return {
      usedIn,
      refreshElsewhere: (from, id) => {
        refresh(from, id).catch((error: unknown) => {
          this.#logger.warn("a channel could not be told of a changed source", { error });
        });
      },
    };
  }

  #enter(place: Place, open: () => Promise<ChannelSession>): Entry {
    const entry: Entry = { session: open(), users: 0 };
    this.#entries.set(place.id, entry);
    entry.session.catch(() => {
      if (this.#entries.get(place.id) === entry) this.#entries.delete(place.id);
    });
    return entry;
  }

  async #open(place: Place): Promise<ChannelSession> {
    const note = (): Promise<void> => this.#index.add(place);
    return ChannelSession.open(this.#runtime, place, this.#surface(place), note);
  }

  async #renewIfOutdated(place: Place, entry: Entry): Promise<void> {
    const session = await entry.session.catch(() => undefined);
    if (!session?.outdated || this.#entries.get(place.id) !== entry) return;
    // The old one comes to its end before the new one reads: never are there two that write.
    this.#enter(place, async () => {
      await session.close();
      return this.#open(place);
    });
  }

  #letIdleOnesGo(): void {
    for (const [id, entry] of this.#entries) {
      if (this.#entries.size <= this.#mostOpen) return;
      if (entry.users === 0) this.#entries.delete(id);
    }
  }

  #surface(place: Place): Surface {
    if (!this.#surfaceFor) throw new Error("The host is not connected to a surface.");
    return this.#surfaceFor(place);
  }
}

/** Whether trying again later may help. */
function isPassing(error: unknown): boolean {
  if (error instanceof StoreError) return error.code !== "store_corrupt";
  return outageOf(error) === "unavailable";
}
