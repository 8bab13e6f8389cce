/**
 * How many automatic replies an agent may give in a row, and has given: both per sender (AutoGen's
 * `_max_consecutive_auto_reply_dict` and `_consecutive_auto_reply_counter`).
 */

export class AutoReplyLimits<Sender> {
  #limit: number;
  readonly #limits = new Map<Sender, number>();
  readonly #counters = new Map<Sender | undefined, number>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  limit(sender: Sender | undefined): number {
    return (sender && this.#limits.get(sender)) ?? this.#limit;
  }

  /** Without a sender: for all of them. */
  setLimit(limit: number, sender: Sender | undefined): void {
    if (sender) this.#limits.set(sender, limit);
    else {
      this.#limit = limit;
      this.#limits.clear();
    }
  }

  given(sender: Sender | undefined): number {
    return this.#counters.get(sender) ?? 0;
  }

  setGiven(replies: number, sender: Sender | undefined): void {
    this.#counters.set(sender, replies);
  }

  /** Without a sender: for all of them. */
  reset(sender: Sender | undefined): void {
    if (sender) this.#counters.set(sender, 0);
    else this.#counters.clear();
  }
}
