/**
 * Python's literals as values: what stands in the lists of MemGPT's and AutoGen's scripts. Variables of
 * the environment become `${NAME}`; nothing is run.
 */

/** Something that is no literal; `line` counts from 1. */
export class PythonError extends Error {
  override readonly name = "PythonError";
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

/** A call, or a name, that stands for a variable of the environment. */
const ENVIRONMENT = /^(?:os\.)?(?:getenv|environ\.get|environ)$/;
const CONSTANTS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ["True", true],
  ["False", false],
  ["None", null],
  ["DEFAULT_PRESET", "memgpt_chat"],
]);
const MAX_DEPTH = 20;

/** Reads one file from its beginning to its end. */
export class PythonReader {
  readonly #text: string;
  /** What a name stands for that the file has set; throws for one that it has not. */
  readonly #nameOf: (name: string, line: number) => unknown;
  #at = 0;
  #depth = 0;

  constructor(text: string, nameOf: (name: string, line: number) => unknown) {
    this.#text = text;
    this.#nameOf = nameOf;
  }

  get line(): number {
    return this.#text.slice(0, this.#at).split("\n").length;
  }

  get done(): boolean {
    return this.#at >= this.#text.length;
  }

  /** The name that the statement here gives a value to; the value is next. */
  assignment(): string | undefined {
    this.#depth = 0;
    const found = this.#take(/[ \t]*([A-Za-z_]\w*)[ \t]*(?::[^=\n]*)?=(?!=)[ \t]*/y);
    return found?.[1];
  }

  /** To the next line that no bracket or text holds open. */
  skipStatement(): void {
    let depth = 0;
    while (!this.done) {
      if (this.#string() !== undefined) continue;
      const mark = this.#take(/#[^\n]*|[\s\S]/y)?.[0] ?? "";
      if ("([{".includes(mark)) depth += 1;
      if (")]}".includes(mark)) depth = Math.max(0, depth - 1);
      if (mark === "\n" && depth === 0) return;
    }
  }

  value(): unknown {
    this.#blanks();
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw this.#fault("brackets are nested too deeply");
    const value = this.#single();
    this.#depth -= 1;
    return value;
  }

  /** After a statement's value nothing may follow on its line. */
  endOfStatement(): void {
    if (!this.#take(/[ \t;]*(?:#[^\n]*)?(?:\n|$)/y)) {
      throw this.#fault("the value goes on in a way that is not a plain list");
    }
  }

  #single(): unknown {
    const text = this.#strings();
    if (text !== undefined) return text;
    const open = this.#text.charAt(this.#at);
    if (open === "[" || open === "(") return this.#list(open === "[" ? "]" : ")");
    if (open === "{") return this.#mapping();
    const number = this.#take(/[+-]?\d[\d_]*(?:\.\d*)?(?:[eE][+-]?\d+)?/y)?.[0];
    if (number !== undefined) return Number(number.replaceAll("_", ""));
    const name = this.#take(/[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*/y)?.[0];
    if (name === undefined) throw this.#fault(`"${open || "the end"}" is not expected here`);
    return this.#named(name);
  }

  #named(name: string): unknown {
    const { line } = this;
    this.#take(/[ \t]*/y);
    const open = this.#text.charAt(this.#at);
    if (open === "(" || open === "[") {
      const [first] = this.#list(open === "(" ? ")" : "]");
      if (ENVIRONMENT.test(name) && typeof first === "string") return `\${${first}}`;
      throw new PythonError(line, `${name}(…) has to be run; write its result instead`);
    }
    return CONSTANTS.has(name) ? CONSTANTS.get(name) : this.#nameOf(name, line);
  }

  #list(close: string): unknown[] {
    this.#at += 1;
    const items: unknown[] = [];
    for (;;) {
      this.#blanks();
      if (this.#eat(close)) return items;
      items.push(this.value());
      this.#blanks();
      if (!this.#eat(",") && this.#text.charAt(this.#at) !== close) {
        throw this.#fault(`a comma or ${close} is missing`);
      }
    }
  }

  #mapping(): Record<string, unknown> {
    this.#at += 1;
    const entries = new Map<string, unknown>();
    for (;;) {
      this.#blanks();
      if (this.#eat("}")) return Object.fromEntries(entries);
      const key = this.value();
      this.#blanks();
      if (typeof key !== "string" || !this.#eat(":")) throw this.#fault("a key and : are missing");
      entries.set(key, this.value());
      this.#blanks();
      if (!this.#eat(",") && this.#text.charAt(this.#at) !== "}") {
        throw this.#fault("a comma or } is missing");
      }
    }
  }

  /** Texts that stand side by side are one. */
  #strings(): string | undefined {
    let text = this.#string();
    if (text === undefined) return undefined;
    for (;;) {
      const here = this.#at;
      this.#blanks();
      const more = this.#string();
      if (more === undefined) {
        this.#at = here;
        return text;
      }
      text += more;
    }
  }

  #string(): string | undefined {
    const found =
      this.#take(/([rRbBuUfF]{0,2})("""|''')([\s\S]*?)\2/y) ??
      this.#take(/([rRbBuUfF]{0,2})(["'])((?:\\[\s\S]|(?!\2)[^\\\n])*)\2/y);
    if (!found) return undefined;
    const [, prefix = "", , body = ""] = found;
    const text = /r/i.test(prefix) ? body : unescaped(body);
    // What the configuration would take for a variable of its own.
    return text.replaceAll("${", () => "$${");
  }

  #blanks(): void {
    this.#take(/(?:\s|#[^\n]*|\\\n)*/y);
  }

  #eat(mark: string): boolean {
    if (this.#text.charAt(this.#at) !== mark) return false;
    this.#at += 1;
    return true;
  }

  #take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (!found) return undefined;
    this.#at += found[0].length;
    return found;
  }

  #fault(message: string): PythonError {
    return new PythonError(this.line, message);
  }
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ["n", "\n"],
  ["t", "\t"],
  ["r", "\r"],
  ["\n", ""],
]);

function unescaped(body: string): string {
  return body.replace(/\\([\s\S])/g, (all, mark: string) => {
    const meant = ESCAPES.get(mark);
    return meant ?? (/[\\'"]/.test(mark) ? mark : all);
  });
}
