/**
 * A typed line to a command call: `/attach ./paper.pdf`, `/memory recall query:deadline page:2`.
 * Values may be named (`name:value`) or stand in the order of the command's options; quotes keep
 * words together, and the last text option takes the rest of the line.
 */
import type { Command, CommandOption, OptionValue } from "../channels/command.ts";
import type { IncomingFile } from "../channels/ports.ts";

/** A path as typed to a file; fails with a sentence for whoever typed it. */
export type OpenFile = (path: string) => Promise<IncomingFile>;

export interface TypedCommand {
  name: string;
  subcommand: string | undefined;
  options: ReadonlyMap<string, OptionValue>;
}

/** Undefined if the line is no command. Wrong values are left for the command's own check. */
export async function parseCommandLine(
  line: string,
  commands: readonly Command[],
  openFile: OpenFile,
): Promise<TypedCommand | undefined> {
  const match = /^\/([A-Za-z][A-Za-z0-9_-]*)(?:\s+|$)/.exec(line.trim());
  if (!match) return undefined;
  const name = (match[1] ?? "").toLowerCase();
  const words = splitWords(line.trim().slice(match[0].length));
  const command = commands.find((one) => one.name === name);
  if (!command?.subcommands) {
    return {
      name,
      subcommand: undefined,
      options: await readOptions(command?.options ?? [], words, openFile),
    };
  }
  const [first, ...rest] = words;
  const chosen = command.subcommands.find((one) => one.name === first);
  return {
    name,
    subcommand: first,
    options: await readOptions(chosen?.options ?? [], rest, openFile),
  };
}

async function readOptions(
  options: readonly CommandOption[],
  words: readonly string[],
  openFile: OpenFile,
): Promise<ReadonlyMap<string, OptionValue>> {
  const texts = new Map<string, string>();
  const unnamed: string[] = [];
  for (const word of words) {
    const colon = word.indexOf(":");
    const option = options.find((one) => colon > 0 && one.name === word.slice(0, colon));
    if (option) texts.set(option.name, word.slice(colon + 1));
    else unnamed.push(word);
  }
  for (const option of options) {
    if (texts.has(option.name) || unnamed.length === 0) continue;
    const takesRest = option.type === "string" && !option.choices && !option.autocomplete;
    texts.set(option.name, takesRest ? unnamed.splice(0).join(" ") : (unnamed.shift() ?? ""));
  }
  const values = new Map<string, OptionValue>();
  for (const option of options) {
    const text = texts.get(option.name);
    if (text !== undefined) values.set(option.name, await toValue(option, text, openFile));
  }
  return values;
}

async function toValue(
  option: CommandOption,
  text: string,
  openFile: OpenFile,
): Promise<OptionValue> {
  if (option.type === "integer" && /^[+-]?\d+$/.test(text)) return Number(text);
  if (option.type === "boolean" && /^(true|false|yes|no)$/i.test(text))
    return /^(true|yes)$/i.test(text);
  if (option.type === "file") return openFile(text);
  return text;
}

/** Words by white space; `"…"` and `'…'` keep theirs, also behind `name:`. */
function splitWords(text: string): string[] {
  const words: string[] = [];
  for (const match of text.matchAll(/(?:[^\s"']+|"[^"]*"|'[^']*')+/g)) {
    words.push(
      match[0].replace(/"([^"]*)"|'([^']*)'/g, (_, a?: string, b?: string) => a ?? b ?? ""),
    );
  }
  return words;
}
