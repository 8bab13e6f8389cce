/**
 * Adds up where an ingest stands and tells it, one event per page or stored batch.
 */
import type { IngestProgress } from "./data-source.ts";
import type { PipelineCounts } from "./passage-pipeline.ts";

export class ProgressTeller {
  readonly #tell: (progress: IngestProgress) => void;
  readonly #now: IngestProgress;

  /** `pagesKept`: pages that need no reading, because their text is kept. */
  constructor(tell: (progress: IngestProgress) => void, pagesKept = 0) {
    this.#tell = tell;
    this.#now = {
      stage: pagesKept > 0 ? "storing" : "reading",
      ...{ pages_done: pagesKept, pages_total: pagesKept, passages_done: 0, passages_total: 0 },
    };
  }

  get pages_total(): number {
    return this.#now.pages_total;
  }

  /** One more page of `total` was read. */
  page(total: number): void {
    this.#set({ pages_done: this.#now.pages_done + 1, pages_total: total });
  }

  /** As many pages are known of. */
  total(pages: number): void {
    this.#set({ pages_total: pages });
  }

  allRead(total: number): void {
    this.#set({ stage: "storing", pages_done: total, pages_total: total });
  }

  stored(counts: PipelineCounts): void {
    this.#set(counts);
  }

  #set(change: Partial<IngestProgress>): void {
    Object.assign(this.#now, change);
    this.#tell({ ...this.#now });
  }
}
