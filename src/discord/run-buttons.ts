/**
 * The newest line of each place, and the controls of a run that it carries: they come with the post or
 * later, and are taken away when a newer one is posted. After a start, what stood before is looked for once, in the
 * newest messages. Nothing here is waited for by an answer, and a failure is only logged.
 */
import type { Control, Place } from "../channels/ports.ts";
import type { Logger } from "../shared/logger.ts";
import { controlComponents, parseControlId } from "./controls.ts";
import type { ApiMessage, DiscordApi, MessageKey, WebhookKey } from "./discord-api.ts";
import { errorFields } from "./discord-error.ts";

/** A message of ours, and what stands under it. */
export interface ButtonLine extends MessageKey {
  controls: readonly Control[];
}

interface Entry {
  newest: ButtonLine | undefined;
  /** Until it is known, older lines with controls may stand in the channel. */
  known: boolean;
  /** How often something was said about them. */
  moves: number;
  /** Edits, one after the other. */
  edits: Promise<void>;
}

export interface RunButtonsOptions {
  api: Pick<DiscordApi, "messagesAfter" | "editComponents">;
  /** The webhook of ours through which agents speak there, if there is one. */
  webhook: (place: Place) => Promise<WebhookKey | undefined>;
  isOwn: (message: ApiMessage) => boolean;
  logger: Logger;
}

export class RunButtons {
  readonly #options: RunButtonsOptions;
  readonly #places = new Map<string, Entry>();

  constructor(options: RunButtonsOptions) {
    this.#options = options;
  }

  /** `line` was posted; it is the newest of ours in the place. */
  posted(place: Place, line: ButtonLine): void {
    const entry = this.#entry(place);
    const old = entry.newest;
    entry.moves += 1;
    entry.newest = line;
    if (old && old.controls.length > 0) this.#edit(place, old, []);
    if (!entry.known) this.#lookBack(place, { posted: line.id });
  }

  /** A line stands of which only that is known: with the next one, it is looked for. */
  lost(place: Place): void {
    this.#entry(place).known = false;
  }

  /** For the newest line; after a start, for the newest that carries some. */
  change(place: Place, controls: readonly Control[]): void {
    const entry = this.#entry(place);
    entry.moves += 1;
    if (!entry.known) this.#lookBack(place, { controls });
    else if (entry.newest) this.#change(place, entry.newest, controls);
  }

  /** Grows with each line and change: whoever put controls somewhere else meanwhile was late. */
  moves(place: Place): number {
    return this.#entry(place).moves;
  }

  /** Whether the controls under this message are those of the place. */
  isNewest(place: Place, message: string): boolean {
    const newest = this.#places.get(place.id)?.newest;
    return newest?.id === message && newest.controls.length > 0;
  }

  #entry(place: Place): Entry {
    const known = this.#places.get(place.id);
    if (known) return known;
    const entry: Entry = { newest: undefined, known: false, moves: 0, edits: Promise.resolve() };
    this.#places.set(place.id, entry);
    return entry;
  }

  #change(place: Place, line: ButtonLine, controls: readonly Control[]): void {
    this.#entry(place).newest = { ...line, controls };
    if (!isSame(line.controls, controls)) this.#edit(place, line, controls);
  }

  #edit(place: Place, line: MessageKey, controls: readonly Control[]): void {
    this.#inTurn(place, () =>
      this.#options.api.editComponents(place.id, line, controlComponents(controls)),
    );
  }

  /** What stands from before the start: the last line gets `controls`, unless a newer one was posted. */
  #lookBack(place: Place, now: { posted: string } | { controls: readonly Control[] }): void {
    const entry = this.#entry(place);
    entry.known = true;
    this.#inTurn(place, async () => {
      const lines = await this.#standing(place, "posted" in now ? now.posted : undefined);
      const last = "controls" in now && !entry.newest ? lines.pop() : undefined;
      if (last && "controls" in now) this.#change(place, last, now.controls);
      for (const line of lines) this.#edit(place, line, []);
    });
  }

  /** Of the newest messages, ours that carry controls; oldest first. */
  async #standing(place: Place, except: string | undefined): Promise<ButtonLine[]> {
    const { api, isOwn, webhook } = this.#options;
    const found = (await api.messagesAfter(place.id, undefined)).filter(
      (message) => message.id !== except && isOwn(message) && controlsOf(message).length > 0,
    );
    const own = found.length > 0 ? await webhook(place) : undefined;
    const thread = place.kind === "thread" ? { thread: place.id } : {};
    return found.map((message) => ({
      id: message.id,
      controls: controlsOf(message),
      ...(own && message.webhook_id === own.id ? { webhook: own, ...thread } : {}),
    }));
  }

  #inTurn(place: Place, work: () => Promise<void>): void {
    const entry = this.#entry(place);
    entry.edits = entry.edits.then(work).catch((error: unknown) => {
      const fields = { channel: place.id, ...errorFields(error) };
      this.#options.logger.info("buttons could not be changed", fields);
    });
  }
}

function isSame(one: readonly Control[], other: readonly Control[]): boolean {
  return one.map(({ id }) => id).join(" ") === other.map(({ id }) => id).join(" ");
}

/** The controls of runs under a message; all of it is unchecked input. */
function controlsOf({ components }: ApiMessage): Control[] {
  const rows = Array.isArray(components) ? components : [];
  const parts = rows.flatMap((row: { components?: unknown } | null) =>
    Array.isArray(row?.components) ? row.components : [],
  );
  return parts.flatMap((part: { custom_id?: unknown; label?: unknown } | null) => {
    const id = typeof part?.custom_id === "string" ? parseControlId(part.custom_id) : undefined;
    return id === undefined ? [] : [{ id, label: String(part?.label ?? "") }];
  });
}
