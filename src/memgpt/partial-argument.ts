/**
 * Reads one text argument of a function call while the call is still being written: pieces of a JSON
 * object in, the decoded text of one of its members out, as far as it has come. Forgiving where JSON
 * is broken further on; it never throws, and what it gives is only ever a preview.
 */

type State = "object" | "member" | "key" | "colon" | "value" | "wanted" | "other" | "done";

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ["n", "\n"],
  ["t", "\t"],
  ["r", "\r"],
  ["b", "\b"],
  ["f", "\f"],
]);

export class PartialArgument {
  readonly #name: string;
  #state: State = "object";
  #string = new StringReader();
  #key = "";
  /** Open brackets of a value that is passed over. */
  #depth = 0;
  #inString = false;
  /** The first half of a surrogate pair whose second half has not come yet. */
  #half = "";

  /** @param name the member of the outermost object that is wanted */
  constructor(name: string) {
    this.#name = name;
  }

  /** What the piece adds to the text; never half a surrogate pair. */
  push(piece: string): string {
    let text = this.#half;
    for (let i = 0; i < piece.length && this.#state !== "done"; i += 1) {
      text += this.#take(piece.charAt(i));
    }
    const ends = text.charCodeAt(text.length - 1);
    const open = ends >= 0xd800 && ends <= 0xdbff && this.#state === "wanted";
    this.#half = open ? text.slice(-1) : "";
    return open ? text.slice(0, -1) : text;
  }

  #take(char: string): string {
    switch (this.#state) {
      case "key":
      case "wanted":
        return this.#takeInString(char);
      case "other":
        this.#passOver(char);
        return "";
      default:
        if (!/\s/.test(char)) this.#state = this.#after(char);
        return "";
    }
  }

  #takeInString(char: string): string {
    const text = this.#string.read(char);
    if (this.#state === "wanted") {
      if (text === undefined) this.#state = "done";
      return text ?? "";
    }
    if (text === undefined) this.#state = "colon";
    else this.#key += text;
    return "";
  }

  /** The state that a mark between strings and values leads to. */
  #after(char: string): State {
    if (this.#state === "object") return char === "{" ? "member" : "done";
    if (this.#state === "member") {
      if (char === ",") return "member";
      if (char !== '"') return "done";
      this.#string = new StringReader();
      this.#key = "";
      return "key";
    }
    if (this.#state === "colon") return char === ":" ? "value" : "done";
    if (this.#key === this.#name) {
      this.#string = new StringReader();
      return char === '"' ? "wanted" : "done";
    }
    this.#depth = 0;
    this.#inString = false;
    this.#state = "other";
    this.#passOver(char);
    return this.#state;
  }

  #passOver(char: string): void {
    if (this.#inString) {
      if (this.#string.read(char) === undefined) this.#inString = false;
    } else if (char === '"') {
      this.#inString = true;
      this.#string = new StringReader();
    } else if (char === "{" || char === "[") this.#depth += 1;
    else if (char === "," && this.#depth === 0) this.#state = "member";
    else if (char === "}" || char === "]") {
      this.#depth -= 1;
      if (this.#depth < 0) this.#state = "done";
    }
  }
}

/** Decodes the inside of a JSON string, one UTF-16 unit after the other. */
class StringReader {
  #escape = "";

  /** The text that is complete with `char`; undefined for the closing quote. */
  read(char: string): string | undefined {
    if (this.#escape === "") {
      if (char === '"') return undefined;
      if (char !== "\\") return char;
      this.#escape = char;
      return "";
    }
    if (this.#escape === "\\" && char !== "u") {
      this.#escape = "";
      return ESCAPES.get(char) ?? char;
    }
    this.#escape += char;
    if (this.#escape.length < 6) return "";
    const code = Number.parseInt(this.#escape.slice(2), 16);
    this.#escape = "";
    return Number.isNaN(code) ? "" : String.fromCharCode(code);
  }
}
