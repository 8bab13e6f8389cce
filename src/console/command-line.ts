/**
 * A typed line to a command call: `/attach ./paper.pdf`, `/memory recall query:the deadline page:2`.
 * Values are named (`name:value`) or stand in the order of the command's options; a text goes on to
 * the next named value, and quotes keep words together.
 */
import type { Command, CommandOption, OptionValue } from "../channels/command.ts";
import type { IncomingFile } from "../channels/ports.ts";
import { ColloquyError } from "../shared/errors.ts";

/** A path as typed to a file; fails with a sentence for whoever typed it. */
export type OpenFile = (path: string) => Promise<IncomingFile>;

export interface TypedCommand {
  name: string;
  subcommand: string | undefined;
  options: ReadonlyMap<string, OptionValue>;
}

/**
 * Undefined if the line is no command. Wrong values are left for the command's own check; rejects
 * for words that nothing takes, and as `openFile` does.
 */
export async function parseCommandLine(
  line: string,
  commands: readonly Command[],
  openFile: OpenFile,
): Promise<TypedCommand | undefined> {
  const match = /^\/([A-Za-z][A-Za-z0-9_-]*)(?:\s+|$)/.exec(line.trim());
  if (!match) return undefined;
  const name = (match[1] ?? "").toLowerCase();
  const command = commands.find((one) => one.name === name);
  if (!command) return { name, subcommand: undefined, options: new Map() };
  const words = splitWords(line.trim().slice(match[0].length));
  if (!command.subcommands) {
    const options = await readOptions(command.options ?? [], words, openFile);
    return { name, subcommand: undefined, options };
  }
  const subcommand = words.shift()?.text.toLowerCase();
  const chosen = command.subcommands.find((one) => one.name === subcommand);
  const options = chosen ? await readOptions(chosen.options ?? [], words, openFile) : new Map();
  return { name, subcommand, options };
}

interface Word {
  /** What stands before a colon; a quoted word has no name. */
  name?: string;
  text: string;
  /** As typed, for words whose name is no option's. */
  whole: string;
}

async function readOptions(
  options: readonly CommandOption[],
  words: readonly Word[],
  openFile: OpenFile,
): Promise<ReadonlyMap<string, OptionValue>> {
  const texts = textsOf(options, words);
  const values = new Map<string, OptionValue>();
  for (const option of options) {
    const text = texts.get(option.name);
    if (text !== undefined) values.set(option.name, await toValue(option, text, openFile));
  }
  return values;
}

function textsOf(options: readonly CommandOption[], words: readonly Word[]): Map<string, string> {
  const texts = new Map<string, string>();
  const unnamed: string[] = [];
  let goesOn: string | undefined;
  for (const word of words) {
    const option = options.find((one) => one.name === word.name);
    if (option) {
      texts.set(option.name, word.text);
      goesOn = option.type === "file" || isFreeText(option) ? option.name : undefined;
    } else if (goesOn !== undefined) {
      texts.set(goesOn, `${texts.get(goesOn)} ${word.whole}`.trim());
    } else {
      unnamed.push(word.whole);
    }
  }
  for (const [i, option] of options.entries()) {
    if (texts.has(option.name) || unnamed.length === 0) continue;
    const next = options[i + 1];
    // A file behind a text stands in its place, so it is named: `file:`.
    const isLast = next === undefined || next.type === "file";
    const takesRest = isFreeText(option) && (isLast || !option.autocomplete);
    texts.set(option.name, takesRest ? unnamed.splice(0).join(" ") : (unnamed.shift() ?? ""));
  }
  if (unnamed.length > 0) throw surplus(unnamed.join(" "));
  return texts;
}

function isFreeText(option: CommandOption): option is CommandOption & { type: "string" } {
  return option.type === "string" && !option.choices;
}

function surplus(words: string): ColloquyError {
  return new ColloquyError("command_option", `Nothing here takes "${words.slice(0, 60)}"`, {
    next: "Put quotes around a value that has spaces, or see /help.",
  });
}

async function toValue(
  option: CommandOption,
  text: string,
  openFile: OpenFile,
): Promise<OptionValue> {
  if (option.type === "integer" && /^[+-]?\d+$/.test(text)) return Number(text);
  if (option.type === "boolean" && /^(true|false|yes|no)$/i.test(text)) {
    return /^(true|yes)$/i.test(text);
  }
  if (option.type === "file") return openFile(text);
  return text;
}

/** Words by white space. `"…"` and `'…'` keep theirs, also behind `name:`, and `\ ` is a space. */
function splitWords(text: string): Word[] {
  const words: Word[] = [];
  const pattern = /(?:([a-z0-9_-]+):)?(?:"([^"]*)"|'([^']*)')(?=\s|$)|(?:\\ |\S)+/g;
  for (const [typed, name, double, single] of text.matchAll(pattern)) {
    const quoted = double ?? single;
    if (quoted !== undefined) {
      const whole = name === undefined ? quoted : typed;
      words.push({ ...(name === undefined ? {} : { name }), text: quoted, whole });
      continue;
    }
    const whole = typed.replaceAll("\\ ", " ");
    const colon = whole.indexOf(":");
    words.push(
      colon > 0
        ? { name: whole.slice(0, colon), text: whole.slice(colon + 1), whole }
        : { text: whole, whole },
    );
  }
  return words;
}
