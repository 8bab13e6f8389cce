/**
 * Reads one mapping of the configuration key by key, and writes down every fault instead of
 * stopping at the first. Knows nothing of what the keys mean.
 */
import type { ConfigFault } from "../src/shared/errors.ts";
import { nearest } from "../src/shared/nearest-word.ts";

/** Stands for a value whose fault has been written down already. */
export const FAULTED: unique symbol = Symbol("faulted");

/** All faults of one reading; each names its file by the top-level key of its path. */
export class Faults {
  readonly list: ConfigFault[];
  readonly #fileOf: (path: string) => string;

  constructor(fileOf: (path: string) => string, list: ConfigFault[] = []) {
    this.#fileOf = fileOf;
    this.list = list;
  }

  add(path: string, got: string, wanted: string): void {
    this.list.push({ file: this.#fileOf(path), key: path, got, wanted });
  }

  /** The same list, for what stands in `file`. */
  in(file: string): Faults {
    return new Faults(() => file, this.list);
  }
}

interface TextOptions {
  required?: string;
  pattern?: RegExp;
  /** What `pattern` asks for, in words. */
  wanted?: string;
  /** Never repeated in a fault. */
  secret?: boolean;
}

interface NumberOptions {
  min: number;
  max: number;
}

export class Fields {
  readonly path: string;
  readonly faults: Faults;
  readonly #values: ReadonlyMap<string, unknown>;
  readonly #known = new Set<string>();
  readonly #broken: boolean;

  /** Something else than a mapping is a fault, and reads as an empty one. */
  constructor(faults: Faults, path: string, value: unknown) {
    this.faults = faults;
    this.path = path;
    const given = value ?? {};
    this.#broken = !isMapping(given);
    if (isMapping(given)) this.#values = new Map(Object.entries(given));
    else {
      this.#values = new Map();
      if (value !== FAULTED) faults.add(path, describe(value), "a mapping of keys to values");
    }
  }

  /** The value as it stands; null counts as absent. Marks the key as known. */
  raw(key: string): unknown {
    this.#known.add(key);
    return this.#values.get(key) ?? undefined;
  }

  has(key: string): boolean {
    return this.raw(key) !== undefined;
  }

  text(key: string, options: TextOptions = {}): string | undefined {
    const value = this.raw(key);
    if (value === FAULTED) return undefined;
    const { required, pattern, wanted = "a text", secret = false } = options;
    if (value === undefined || (value === "" && required !== undefined)) {
      if (required !== undefined)
        this.fault(key, value === "" ? "an empty text" : "nothing", required);
      return undefined;
    }
    if (typeof value !== "string" || (pattern && !pattern.test(value))) {
      this.fault(key, describe(value, secret), wanted);
      return undefined;
    }
    return value;
  }

  /** A key or token: printable, without blanks, never repeated in a fault. */
  secret(key: string, required?: string): string | undefined {
    return this.text(key, {
      ...(required === undefined ? {} : { required }),
      pattern: /^[\x21-\x7e]+$/,
      wanted: "a text without blanks, line breaks or letters outside ASCII",
      secret: true,
    });
  }

  oneOf<T extends string>(key: string, choices: readonly T[], note = ""): T | undefined {
    const value = this.raw(key);
    if (value === undefined || value === FAULTED) return undefined;
    const match = choices.find((choice) => choice === value);
    if (match === undefined) {
      const near = typeof value === "string" ? nearest(value, choices) : undefined;
      const hint = near === undefined ? "" : ` (did you mean ${near}?)`;
      this.fault(key, describe(value), `one of ${choices.join(", ")}${hint}${note}`);
    }
    return match;
  }

  /** A number; numeric text counts, because `${NAME}` always gives text. */
  number(key: string, { min, max }: NumberOptions, kind = "a number"): number | undefined {
    const value = this.raw(key);
    if (value === undefined || value === FAULTED) return undefined;
    const number =
      typeof value === "string" && /^-?\d+(?:\.\d+)?$/.test(value) ? Number(value) : value;
    const whole = kind !== "a whole number" || Number.isInteger(number);
    if (typeof number === "number" && whole && number >= min && number <= max) return number;
    this.fault(key, describe(value), `${kind} from ${min} to ${max}`);
    return undefined;
  }

  whole(key: string, options: NumberOptions): number | undefined {
    return this.number(key, options, "a whole number");
  }

  flag(key: string): boolean | undefined {
    const value = this.raw(key);
    if (value === undefined || value === FAULTED) return undefined;
    if (value === true || value === "true") return true;
    if (value === false || value === "false") return false;
    this.fault(key, describe(value), "true or false");
    return undefined;
  }

  /** An http(s) address without user, password, query or final slash. */
  url(key: string, required?: string): string | undefined {
    const value = this.text(key, {
      wanted: "an address that begins with http:// or https://",
      ...(required === undefined ? {} : { required }),
    })?.trim();
    if (value === undefined) return undefined;
    const wanted = urlFault(value);
    if (wanted === undefined) return value.replace(/\/+$/, "");
    // An address may carry a password; the rest of it helps to find the mistake.
    this.fault(key, describe(value.replace(/^([a-z]*:?\/\/)?[^/@]*@/i, "$1…@")), wanted);
    return undefined;
  }

  list(key: string): unknown[] | undefined {
    const value = this.raw(key);
    if (value === undefined || value === FAULTED) return undefined;
    if (Array.isArray(value)) return value;
    this.fault(key, describe(value), "a list");
    return undefined;
  }

  section(key: string): Fields {
    return new Fields(this.faults, this.at(key), this.raw(key));
  }

  fault(key: string, got: string, wanted: string): void {
    // Where the mapping itself is at fault, nothing is missing from it.
    if (this.#broken && got === "nothing") return;
    this.faults.add(this.at(key), got, wanted);
  }

  at(key: string): string {
    return this.path === "" ? key : `${this.path}.${key}`;
  }

  /** Reports the keys that nobody asked for. `elsewhere` maps keys of other places to this one's. */
  done(elsewhere: ReadonlyMap<string, string> = new Map()): void {
    for (const key of this.#values.keys()) {
      if (this.#known.has(key)) continue;
      const meant = elsewhere.get(key);
      const near = meant ?? nearest(key, [...this.#known]);
      if (near !== undefined) this.#dropEchoes(near);
      const known = [...this.#known].join(", ");
      const quoted = meant ?? `\`${near}\``;
      const hint = near === undefined ? `known here: ${known}` : `did you mean ${quoted}?`;
      this.fault(key, "", `not a known key; ${hint}`);
    }
  }

  /** A key that is only mistyped is not missing as well. */
  #dropEchoes(near: string): void {
    const paths = new Set((near.match(/\w+/g) ?? []).map((key) => this.at(key)));
    const { list } = this.faults;
    for (let i = list.length - 1; i >= 0; i -= 1) {
      const fault = list[i];
      if (fault?.got === "nothing" && paths.has(fault.key)) list.splice(i, 1);
    }
  }
}

export function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A value in a few words, for `got`. Texts that look like keys are not repeated. */
export function describe(value: unknown, secret = false): string {
  if (value === undefined || value === null) return "nothing";
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "object") return "a mapping";
  if (secret) return "a value that is not shown";
  if (typeof value !== "string") return String(value);
  if (/\b(?:sk|pk)-\w{6,}/.test(value)) return "a text that looks like a key";
  return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}…` : value);
}

/** What is wrong with an address, as what is wanted instead; undefined when nothing is. */
function urlFault(value: string): string | undefined {
  if (!/^https?:\/\//i.test(value)) {
    const local = /^(?:localhost|127\.|10\.|192\.168\.|\[|[\w-]+:\d+)/i.test(value);
    const rest = value.replace(/^[a-z]*:?\/\//i, "").replace(/^[^/@]*@/, "");
    return `an address with its scheme: ${local ? "http" : "https"}://${rest}`;
  }
  let url: URL;
  try {
    url = new URL(value);
  } catch {
    return "an address like https://host/v1";
  }
  if (url.username !== "" || url.password !== "") return "an address without user and password";
  if (url.search !== "" || url.hash !== "")
    return `an address without ? and #: ${url.origin}${url.pathname}`;
  const path = url.pathname.replace(/\/+$/, "");
  const beyond =
    /\/(?:chat\/completions|completions?|(?:api(?:\/v1)?\/)?generate|embeddings)$/.exec(path);
  return beyond ? `the API's root: ${url.origin}${path.slice(0, beyond.index)}` : undefined;
}
