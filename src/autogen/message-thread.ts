/**
 * What one agent said to and heard from one partner, oldest first. Positions are absolute: they count
 * lines that were trimmed away, so a cursor into a thread stays right for years.
 */
import type { AgentMessage } from "./message.ts";

export class MessageThread {
  readonly #messages: AgentMessage[] = [];
  #offset: number;

  /** `offset` is the position of the first line to come. */
  constructor(offset = 0) {
    this.#offset = offset;
  }

  /** The lines still held; the same array all along, to be read only. */
  get messages(): readonly AgentMessage[] {
    return this.#messages;
  }

  /** Position of the oldest line still held. */
  get offset(): number {
    return this.#offset;
  }

  /** Position of the next line. */
  get end(): number {
    return this.#offset + this.#messages.length;
  }

  append(message: AgentMessage): void {
    this.#messages.push(message);
  }

  at(position: number): AgentMessage | undefined {
    return position < this.#offset ? undefined : this.#messages[position - this.#offset];
  }

  /** Lines from `position` on, clamped to what is held. */
  from(position: number): AgentMessage[] {
    return this.#messages.slice(Math.max(0, position - this.#offset));
  }

  /** Drops the oldest lines but the newest `keep`; returns how many went. */
  trim(keep: number): number {
    const surplus = Math.max(0, this.#messages.length - Math.max(0, keep));
    if (surplus > 0) this.#messages.splice(0, surplus);
    this.#offset += surplus;
    return surplus;
  }

  /** Forgets all lines; positions go on where they were, so that cursors stay right. */
  clear(): void {
    this.trim(0);
  }

  /** Forgets all lines and begins again at `offset`. */
  restart(offset: number): void {
    this.#messages.length = 0;
    this.#offset = offset;
  }
}
