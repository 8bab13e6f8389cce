// @ts-check
/**
 * HTML, or the XHTML of a book, to Markdown: headings, lists, tables and paragraphs stay, scripts,
 * navigation and looks go. One pass over htmlparser2's events, so the cost grows with the length.
 */
import { Parser } from "htmlparser2";

const SKIPPED = new Set(
  "script style noscript template svg math nav iframe object canvas audio video button select textarea".split(
    " ",
  ),
);
const BLOCKS = new Set(
  "p div section article main header footer aside blockquote figure figcaption dl dt dd address ul ol table thead tbody details summary form fieldset hr center caption body".split(
    " ",
  ),
);
/** What a page says that it is about; the rest is left out when this holds enough. */
const MAIN = new Set(["main", "article"]);
const ENOUGH = 200;

/**
 * @param {string} html
 * @param {{ xml?: boolean }} [options] xml: tags close themselves, as in a book's XHTML
 * @returns {string}
 */
export function markdownOf(html, options = {}) {
  const writer = new MarkdownWriter();
  const parser = new Parser(writer.handler(), {
    ...{ decodeEntities: true, lowerCaseTags: true, lowerCaseAttributeNames: true },
    recognizeSelfClosing: options.xml ?? false,
  });
  parser.write(html);
  parser.end();
  return writer.text();
}

class MarkdownWriter {
  /** @type {string[]} */
  #all = [];
  /** @type {string[]} */
  #main = [];
  #title = "";
  #inTitle = false;
  /** Names of the open elements that hide what is in them. */
  #hidden = 0;
  /** @type {string[]} */
  #open = [];
  #mains = 0;
  #pre = 0;
  #headings = 0;
  /** Of each open list, the number of its next item; 0 in lists without numbers. */
  /** @type {number[]} */
  #lists = [];
  #cells = 0;
  /** White space that is due before the next word. */
  #gap = "";
  #last = "\n";

  handler() {
    return {
      onopentag: (/** @type {string} */ name, /** @type {Record<string, string>} */ attributes) =>
        this.#onOpen(name, attributes),
      ontext: (/** @type {string} */ text) => this.#onText(text),
      onclosetag: (/** @type {string} */ name) => this.#onClose(name),
    };
  }

  text() {
    const main = this.#main.join("").trim();
    const body = main.length >= ENOUGH ? main : this.#all.join("").trim();
    const title = this.#title.replace(/\s+/g, " ").trim();
    return title && this.#headings === 0 ? `# ${title}\n\n${body}` : body;
  }

  /**
   * @param {string} name
   * @param {Record<string, string>} attributes
   */
  #onOpen(name, attributes) {
    const hides =
      SKIPPED.has(name) || "hidden" in attributes || attributes["aria-hidden"] === "true";
    this.#open.push(hides ? `!${name}` : name);
    if (hides) this.#hidden += 1;
    if (name === "title" && !this.#open.includes("body")) this.#inTitle = true;
    if (this.#hidden > 0) return;
    if (MAIN.has(name)) this.#mains += 1;
    if (name === "ol") this.#lists.push(1);
    else if (name === "ul") this.#lists.push(0);
    if (/^h[1-6]$/.test(name)) {
      this.#break("\n\n");
      this.#put(`${"#".repeat(Number(name[1]))} `);
      if (name === "h1" || name === "h2") this.#headings += 1;
    } else if (name === "li") this.#item();
    else if (name === "br") this.#break("\n");
    else if (name === "tr") {
      this.#break("\n");
      this.#cells = 0;
    } else if (name === "td" || name === "th") {
      if (this.#cells > 0) {
        this.#gap = "";
        this.#put(" | ");
      }
      this.#cells += 1;
    } else if (name === "pre") {
      this.#break("\n\n");
      this.#pre += 1;
    } else if (BLOCKS.has(name) && this.#cells === 0) this.#break("\n\n");
  }

  /** @param {string} name */
  #onClose(name) {
    const opened = this.#open.pop();
    if (name === "title") this.#inTitle = false;
    if (opened?.startsWith("!")) this.#hidden -= 1;
    if (this.#hidden > 0 || opened?.startsWith("!")) return;
    if (name === "ol" || name === "ul") this.#lists.pop();
    if (name === "table") this.#cells = 0;
    if (name === "pre") this.#pre = Math.max(0, this.#pre - 1);
    if (/^h[1-6]$/.test(name) || name === "pre") this.#break("\n\n");
    else if (name === "li") this.#break("\n");
    else if (name === "tr") {
      this.#cells = 0;
      this.#break("\n");
    } else if (BLOCKS.has(name) && this.#cells === 0) this.#break("\n\n");
    if (MAIN.has(name)) this.#mains = Math.max(0, this.#mains - 1);
  }

  /** @param {string} text */
  #onText(text) {
    if (this.#inTitle) this.#title = (this.#title + text).slice(0, 300);
    if (this.#hidden > 0 || this.#inTitle) return;
    if (this.#pre > 0) return this.#put(text);
    if (/^\s/.test(text) && this.#gap === "") this.#gap = " ";
    const words = text.replace(/\s+/g, " ").trim();
    if (words === "") return;
    this.#put(words);
    if (/\s$/.test(text)) this.#gap = " ";
  }

  #item() {
    this.#break("\n");
    const at = this.#lists.length - 1;
    const number = this.#lists[at] ?? 0;
    this.#put(number > 0 ? `${number}. ` : "- ");
    if (number > 0) this.#lists[at] = number + 1;
  }

  /** @param {"\n" | "\n\n"} kind */
  #break(kind) {
    if (this.#gap !== "\n\n") this.#gap = kind;
  }

  /** @param {string} text */
  #put(text) {
    const gap = this.#last === "\n" && this.#gap === " " ? "" : this.#gap;
    // A mark that was just put, as of a list or heading, takes what follows without a break.
    const joined = /^(?:#{1,6}|-|\d+\.|.* \|) $/.test(this.#last) ? "" : gap;
    for (const list of this.#mains > 0 ? [this.#all, this.#main] : [this.#all]) {
      list.push(joined, text);
    }
    this.#gap = "";
    this.#last = text;
  }
}
