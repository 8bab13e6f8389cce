import type { Embedder, TokenCounter } from "../../src/memgpt/ports.ts";
import type { LogFields, Logger } from "../../src/shared/logger.ts";

/** One token per started four characters: easy to reckon with in tests. */
export const quarterTokens: TokenCounter = {
  count: (text) => Math.ceil(text.length / 4),
};

/** Vectors from letter counts: near texts are near, nothing is random. */
export class LetterEmbedder implements Embedder {
  readonly name = "letters";
  readonly dimension = 27;
  readonly semantic: boolean;
  calls = 0;

  constructor(options: { semantic?: boolean } = {}) {
    this.semantic = options.semantic ?? true;
  }

  async embed(texts: readonly string[]): Promise<number[][]> {
    this.calls += 1;
    return texts.map((text) => {
      const vector = new Array<number>(27).fill(0);
      vector[26] = 0.1;
      for (const letter of text.toLowerCase()) {
        const i = letter.charCodeAt(0) - 97;
        if (i >= 0 && i < 26) vector[i] = (vector[i] ?? 0) + 1;
      }
      return vector;
    });
  }
}

export interface LogLine {
  level: "debug" | "info" | "warn" | "error";
  message: string;
  fields: LogFields;
}

/** Keeps its lines for tests to read; children write to the same list. */
export class RecordingLogger implements Logger {
  readonly lines: LogLine[];
  readonly #fields: LogFields;

  constructor(lines: LogLine[] = [], fields: LogFields = {}) {
    this.lines = lines;
    this.#fields = fields;
  }

  debug(message: string, fields: LogFields = {}): void {
    this.#add("debug", message, fields);
  }

  info(message: string, fields: LogFields = {}): void {
    this.#add("info", message, fields);
  }

  warn(message: string, fields: LogFields = {}): void {
    this.#add("warn", message, fields);
  }

  error(message: string, fields: LogFields = {}): void {
    this.#add("error", message, fields);
  }

  child(fields: LogFields): Logger {
    return new RecordingLogger(this.lines, { ...this.#fields, ...fields });
  }

  #add(level: LogLine["level"], message: string, fields: LogFields): void {
    this.lines.push({ level, message, fields: { ...this.#fields, ...fields } });
  }
}
