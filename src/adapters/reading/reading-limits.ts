/**
 * How much a file may ask of the machine before it is refused. The same limits are enforced in the
 * child process (which kills itself) and watched from outside.
 */
export interface ReadingLimits {
  /** Size of the file in bytes. */
  max_bytes: number;
  max_pages: number;
  /** Characters of text in the whole file. */
  max_text: number;
  /** Milliseconds for opening the file, and for each page. */
  page_ms: number;
  /** Milliseconds for the whole file: a base, and so much more for each page. */
  file_ms: number;
  file_ms_per_page: number;
  /** Resident memory of the whole child process, in bytes. */
  max_rss: number;
  /** Reading processes, at most. */
  processes: number;
  /** Files over so many bytes all go to the first process, so that small ones need not wait. */
  large_bytes: number;
  /** Files that may wait while each process reads one. */
  max_waiting: number;
  /** Pages that are left out, each at the cost of a new process, before the file is given up. */
  max_deadly_pages: number;
  /** Milliseconds without work after which the child process is let go. */
  idle_ms: number;
}

export const READING_LIMITS: ReadingLimits = {
  max_bytes: 50 * 1024 * 1024,
  max_pages: 5000,
  max_text: 40_000_000,
  page_ms: 10_000,
  file_ms: 15_000,
  file_ms_per_page: 100,
  max_rss: 512 * 1024 * 1024,
  processes: 2,
  large_bytes: 2 * 1024 * 1024,
  max_waiting: 16,
  max_deadly_pages: 3,
  idle_ms: 120_000,
};
