import { CALLBACK, MESSAGE_FLAGS } from "./constants.ts";
import type { InteractionRecord } from "./interactions.ts";
import { isObject, type JsonObject, listOf, textOf } from "./json.ts";
import type { FakeMessage } from "./records.ts";
import type { World } from "./world.ts";

/** What came of one interaction, as the person who started it sees it. */
export class Call {
  readonly #world: World;
  readonly #record: InteractionRecord;

  constructor(world: World, record: InteractionRecord) {
    this.#world = world;
    this.#record = record;
  }

  get id(): string {
    return this.#record.id;
  }

  get acknowledgedAfterMs(): number | undefined {
    return this.#record.acknowledgedAfterMs;
  }

  /** The answer was put off ("is thinking") before it came. */
  get deferred(): boolean {
    return (
      this.#record.callback === CALLBACK.deferred_reply ||
      this.#record.callback === CALLBACK.deferred_update
    );
  }

  get ephemeral(): boolean {
    return this.#record.ephemeral;
  }

  /** No acknowledgement came in time. */
  get failed(): boolean {
    return this.#record.failed;
  }

  /** The message whose button or menu was used. */
  get source(): FakeMessage | undefined {
    return this.#record.source;
  }

  get modal(): JsonObject | undefined {
    return this.#record.modal;
  }

  /**
   * The answer and its follow-ups, oldest first, without deleted ones. For a button that changes
   * its own message, that message once it is changed.
   */
  get messages(): FakeMessage[] {
    const { original, source, followups, editsBefore } = this.#record;
    const untouched = original === source && (source?.edits.length ?? 0) === editsBefore;
    const own = original === undefined || untouched ? [] : [original];
    return [...own, ...followups].filter((m) => !m.deleted);
  }

  /** What people see now; empty while the bot "is thinking". */
  get texts(): string[] {
    return this.messages.filter((m) => (m.flags & MESSAGE_FLAGS.loading) === 0).map(visibleText);
  }

  /** The contents that the first answer has had, oldest first: progress, then the closing line. */
  get edits(): string[] {
    return this.#record.original?.edits.slice(this.#record.editsBefore) ?? [];
  }

  /** Resolves when the interaction is acknowledged; rejects when the time for it is over. */
  async acknowledged(): Promise<void> {
    const done = await this.#world.until(
      () => (this.#record.callback !== undefined ? "yes" : this.#record.failed ? "no" : undefined),
      10_000,
      () => `${this.#record.label} to be acknowledged`,
    );
    if (done === "no") throw new Error(`${this.#record.label} was never acknowledged`);
  }

  /**
   * The final visible text, follow-ups after blank lines. Final: `until` accepts it, or, without
   * `until`, it has not changed for `quietMs` (default 300).
   */
  async answer(
    options: { until?: (text: string) => boolean; quietMs?: number; timeoutMs?: number } = {},
  ): Promise<string> {
    const timeoutMs = options.timeoutMs ?? 10_000;
    const quietMs = options.quietMs ?? 300;
    const deadline = performance.now() + timeoutMs;
    await this.acknowledged();
    let text = await this.#world.until(
      () => this.#text(options.until),
      timeoutMs,
      () => `the answer to ${this.#record.label}; so far: ${JSON.stringify(this.texts)}`,
    );
    while (options.until === undefined && performance.now() < deadline) {
      const before = text;
      await new Promise((resolve) => setTimeout(resolve, quietMs));
      text = this.#text(undefined) ?? before;
      if (text === before) break;
    }
    return text;
  }

  /** Lets the 15 minutes of the token be over. */
  expire(): void {
    this.#record.expired = true;
  }

  #text(accept: ((text: string) => boolean) | undefined): string | undefined {
    const { texts } = this;
    if (texts.length === 0) return undefined;
    const text = texts.join("\n\n");
    return accept === undefined || accept(text) ? text : undefined;
  }
}

/** What a message says to the eye: its content, or the text of its embeds and components. */
export function visibleText(message: FakeMessage): string {
  const parts = [message.content];
  for (const embed of message.embeds) {
    parts.push(textOf(embed.title) ?? "", textOf(embed.description) ?? "");
    for (const field of listOf(embed.fields)) {
      if (isObject(field)) parts.push(`${textOf(field.name)}: ${textOf(field.value)}`);
    }
  }
  const visit = (component: unknown): void => {
    if (!isObject(component)) return;
    if (component.type === 10) parts.push(textOf(component.content) ?? "");
    listOf(component.components).forEach(visit);
  };
  message.components.forEach(visit);
  return parts.filter((part) => part !== "").join("\n");
}
