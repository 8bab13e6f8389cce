/**
 * A recogniser for the part of llama.cpp's GBNF that our grammars use: terminals, character classes,
 * groups, `|`, `?` and `*`. Answers whether a text is one of the grammar's.
 */

type Match = (text: string, at: number) => Set<number>;

/** Throws for a rule that is not defined or not understood. */
export function grammarAccepts(grammar: string, text: string): boolean {
  const rules = new Map<string, Match>();
  for (const line of grammar.split("\n")) {
    const [, name = "", body = ""] = /^([a-z0-9-]+) ::= (.*)$/.exec(line) ?? [];
    if (name === "") throw new Error(`not a rule: ${line}`);
    rules.set(name, new RuleParser(body, rules).parse());
  }
  for (const name of grammar
    .replace(/"(?:\\.|[^"\\])*"|\[(?:\\.|[^\]\\])*\]/g, "")
    .match(/[a-z][a-z0-9-]*/g) ?? []) {
    if (!rules.has(name)) throw new Error(`no rule ${name}`);
  }
  return rules.get("root")?.(text, 0).has(text.length) ?? false;
}

const TOKEN = /\s*("(?:\\.|[^"\\])*"|\[(?:\\.|[^\]\\])*\]|[a-z][a-z0-9-]*|[()|?*])/y;

class RuleParser {
  readonly #tokens: string[] = [];
  readonly #rules: ReadonlyMap<string, Match>;
  #next = 0;

  constructor(body: string, rules: ReadonlyMap<string, Match>) {
    this.#rules = rules;
    TOKEN.lastIndex = 0;
    while (TOKEN.lastIndex < body.trimEnd().length) {
      const token = TOKEN.exec(body)?.[1];
      if (token === undefined) throw new Error(`not understood: ${body}`);
      this.#tokens.push(token);
    }
  }

  parse(): Match {
    const choices = [this.#sequence()];
    while (this.#tokens[this.#next] === "|") {
      this.#next += 1;
      choices.push(this.#sequence());
    }
    return (text, at) => union(choices.map((choice) => choice(text, at)));
  }

  #sequence(): Match {
    const items: Match[] = [];
    for (;;) {
      const token = this.#tokens[this.#next];
      if (token === undefined || token === "|" || token === ")") break;
      this.#next += 1;
      items.push(this.#repeated(this.#item(token)));
    }
    return (text, at) => {
      let ends = new Set([at]);
      for (const item of items) ends = union(Array.from(ends, (end) => item(text, end)));
      return ends;
    };
  }

  #item(token: string): Match {
    if (token === "(") {
      const inner = this.parse();
      this.#next += 1;
      return inner;
    }
    if (token.startsWith('"')) {
      const literal = String(JSON.parse(token));
      return (text, at) => new Set(text.startsWith(literal, at) ? [at + literal.length] : []);
    }
    if (token.startsWith("[")) {
      const one = new RegExp(token, "y");
      return (text, at) => {
        one.lastIndex = at;
        return new Set(one.test(text) ? [at + 1] : []);
      };
    }
    return (text, at) => this.#rules.get(token)?.(text, at) ?? new Set();
  }

  #repeated(item: Match): Match {
    const mark = this.#tokens[this.#next];
    if (mark !== "?" && mark !== "*") return item;
    this.#next += 1;
    if (mark === "?") return (text, at) => new Set([at, ...item(text, at)]);
    return (text, at) => {
      const ends = new Set([at]);
      for (const end of ends) for (const next of item(text, end)) ends.add(next);
      return ends;
    };
  }
}

function union(sets: readonly Set<number>[]): Set<number> {
  return new Set(sets.flatMap((set) => [...set]));
}
