/**
 * The `Logger` port as one line per event: time, level, message, then `key=value` fields. Nested
 * values are written as JSON, errors with their code and their causes; every line is redacted as a
 * whole, and line breaks in what others wrote are escaped, so nobody can forge a line.
 */
import type { LogFields, Logger } from "../../shared/logger.ts";
import type { Redact } from "./redaction.ts";

export type LogLevel = "debug" | "info" | "warn" | "error";

export interface LineLoggerOptions {
  /** Lines below this level are dropped. */
  level: LogLevel;
  redact: Redact;
  /** Takes one line without its line break. Default: standard error. */
  write?: (line: string) => void;
  /** Milliseconds since the epoch. Default: the machine's clock. */
  now?: () => number;
}

const RANK: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };
const LONGEST_VALUE = 4000;
/** Read for redaction; far above what is printed, so that no half of a secret stays at the cut. */
const LONGEST_READ = 64_000;
const DEEPEST_CAUSE = 5;
const STACK_LINES = 6;

export class LineLogger implements Logger {
  readonly #options: LineLoggerOptions;
  readonly #fields: LogFields;

  constructor(options: LineLoggerOptions, fields: LogFields = {}) {
    this.#options = options;
    this.#fields = fields;
  }

  debug(message: string, fields?: LogFields): void {
    this.#log("debug", message, fields);
  }

  info(message: string, fields?: LogFields): void {
    this.#log("info", message, fields);
  }

  warn(message: string, fields?: LogFields): void {
    this.#log("warn", message, fields);
  }

  error(message: string, fields?: LogFields): void {
    this.#log("error", message, fields);
  }

  child(fields: LogFields): Logger {
    return new LineLogger(this.#options, { ...this.#fields, ...fields });
  }

  #log(level: LogLevel, message: string, fields: LogFields = {}): void {
    const { redact, now = Date.now, write = writeToStderr } = this.#options;
    if (RANK[level] < RANK[this.#options.level]) return;
    const pairs = Object.entries({ ...this.#fields, ...fields })
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => ` ${key}=${this.#clean(render(value, redact))}`);
    const head = `${new Date(now()).toISOString()} ${level.padEnd(5)}`;
    write(`${head} ${this.#clean(oneLine(message))}${pairs.join("")}`);
  }

  #clean(text: string): string {
    const clean = this.#options.redact(text.slice(0, LONGEST_READ));
    return clean.length <= LONGEST_VALUE ? clean : `${clean.slice(0, LONGEST_VALUE)}…`;
  }
}

function writeToStderr(line: string): void {
  process.stderr.write(`${line}\n`);
}

function render(value: unknown, redact: Redact): string {
  if (typeof value === "string") return /^[\w./:@+-]+$/.test(value) ? value : quote(value);
  if (value instanceof Error) return quote(describeError(value));
  if (value === null || typeof value !== "object") return oneLine(String(value));
  return oneLine(toJson(value, redact));
}

/** `Name(code): message`, then the causes, then the top of the stack. */
function describeError(error: Error): string {
  const parts: string[] = [];
  let current: unknown = error;
  for (let depth = 0; depth < DEEPEST_CAUSE && current instanceof Error; depth += 1) {
    const { code, status, why } = current as { code?: unknown; status?: unknown; why?: unknown };
    const tag = [code, status].filter((part) => part !== undefined && part !== null).join(" ");
    const reason = typeof why === "string" ? ` (${why})` : "";
    parts.push(`${current.name}${tag ? `(${tag})` : ""}: ${current.message}${reason}`);
    current = current.cause;
  }
  if (current !== undefined && !(current instanceof Error)) parts.push(primitive(current));
  const stack = (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  const top = stack.slice(0, STACK_LINES).map((line) => line.trim());
  return [parts.join(" <- "), ...top].join(" | ");
}

function primitive(value: unknown): string {
  return typeof value === "object" ? "(an object)" : String(value);
}

/** JSON that never throws. Strings are redacted one by one too: escapes could hide a secret's shape. */
function toJson(value: object, redact: Redact): string {
  const path: object[] = [];
  try {
    const text = JSON.stringify(value, function (this: object, _key, item: unknown) {
      if (typeof item === "string") return redact(item);
      if (typeof item === "bigint") return String(item);
      if (item instanceof Error) return redact(describeError(item));
      if (typeof item !== "object" || item === null) return item;
      // `this` holds the item: whatever is deeper than the holder has been left.
      while (path.length > 0 && path.at(-1) !== this) path.pop();
      if (path.includes(item)) return "(circular)";
      path.push(item);
      if (item instanceof Map) return Object.fromEntries(item);
      return item instanceof Set ? [...item] : item;
    });
    return text ?? "(nothing)";
  } catch {
    return "(not printable)";
  }
}

function quote(text: string): string {
  return oneLine(JSON.stringify(text));
}

/** Line and control characters, the bidirectional ones included, as escapes. */
function oneLine(text: string): string {
  return text.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
