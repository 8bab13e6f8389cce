/**
 * Orders the writes of a store and groups them: while one commit is on its way to disk, further
 * writes gather, and go together in the next. So writes take effect in the order they were called,
 * those to different keys share one sync of the disk, and a lone write waits for nobody.
 */

export interface StoredRow {
  readonly key: string;
  /** The row as the database keeps it. */
  readonly text: string;
}

/** Carries out one group. Rows of a group have distinct keys. */
export interface WriteTarget {
  /** Whether `write` is all or nothing; calls are grouped only then. */
  readonly atomic: boolean;
  /** The last row is durable only after all others. */
  write(rows: readonly StoredRow[]): Promise<void>;
  remove(keys: readonly string[]): Promise<void>;
}

interface Job {
  /** undefined text removes the key. */
  readonly rows: readonly { readonly key: string; readonly text: string | undefined }[];
  readonly size: number;
  readonly done: () => void;
  readonly fail: (cause: unknown) => void;
}

/** A group is closed when it holds this much; one call's own rows are never divided here. */
const GROUP_ROWS = 500;
const GROUP_CHARACTERS = 4_000_000;

export class WriteQueue {
  readonly #target: WriteTarget;
  #waiting: Job[] = [];
  #running: Promise<void> | undefined;

  constructor(target: WriteTarget) {
    this.#target = target;
  }

  write(rows: readonly StoredRow[]): Promise<void> {
    return this.#add(rows);
  }

  remove(keys: readonly string[]): Promise<void> {
    return this.#add(keys.map((key) => ({ key, text: undefined })));
  }

  /** Resolves when everything called so far has been carried out or has failed. */
  async idle(): Promise<void> {
    await this.#running;
  }

  #add(rows: Job["rows"]): Promise<void> {
    if (rows.length === 0) return Promise.resolve();
    const size = rows.reduce((sum, row) => sum + row.key.length + (row.text?.length ?? 0), 0);
    return new Promise((done, fail) => {
      this.#waiting.push({ rows, size, done, fail });
      this.#running ??= this.#run();
    });
  }

  async #run(): Promise<void> {
    // One turn of the microtask queue, so that calls made together are committed together.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const group = this.#nextGroup();
      try {
        await this.#commit(group);
        for (const job of group) job.done();
      } catch (cause) {
        for (const job of group) job.fail(cause);
      }
    }
    this.#running = undefined;
  }

  #nextGroup(): Job[] {
    let rows = 0;
    let size = 0;
    let count = 0;
    for (const job of this.#waiting) {
      rows += job.rows.length;
      size += job.size;
      const full = !this.#target.atomic || rows > GROUP_ROWS || size > GROUP_CHARACTERS;
      if (count > 0 && full) break;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  /** The last word on a key counts, so removals and writes of a group touch different keys. */
  async #commit(group: readonly Job[]): Promise<void> {
    const latest = new Map<string, string | undefined>();
    for (const { key, text } of group.flatMap(({ rows }) => rows)) {
      // Moves a repeated key to the end, where its last value belongs.
      latest.delete(key);
      latest.set(key, text);
    }
    const removed: string[] = [];
    const written: StoredRow[] = [];
    for (const [key, text] of latest) {
      if (text === undefined) removed.push(key);
      else written.push({ key, text });
    }
    if (written.length > 0) await this.#target.write(written);
    if (removed.length > 0) await this.#target.remove(removed);
  }
}
