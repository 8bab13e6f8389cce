/** Options and completions that several commands share. */
import type { ReadingOptions } from "../src/channels/channel-sources.ts";
import type { CommandCall, CommandOption, CompletionCall } from "../src/channels/command.ts";
import type { IncomingFile } from "../src/channels/ports.ts";

const FILES = ["file", "file2", "file3", "file4", "file5"];

export function agentOption(description: string): CommandOption {
  return { type: "string", name: "agent", description, autocomplete: true };
}

/** `{ [name]: value }` if the text option was given, else `{}`: made to be spread. */
export function textOption<N extends string>(
  call: Pick<CommandCall, "options">,
  name: N,
): { [K in N]?: string } {
  const value = call.options.get(name);
  return (typeof value === "string" ? { [name]: value } : {}) as { [K in N]?: string };
}

export function integerOption(call: CommandCall, name: string): number | undefined {
  const value = call.options.get(name);
  return typeof value === "number" ? value : undefined;
}

/** Up to five files; `required`: at least the first. */
export function fileOptions(required = false): readonly CommandOption[] {
  return FILES.map((name, i) =>
    i === 0
      ? { type: "file", name, description: "The document to read", required }
      : { type: "file", name, description: "Another document" },
  );
}

/** The files that were given, in the order of their options. */
export function givenFiles(call: CommandCall): IncomingFile[] {
  return FILES.flatMap((name) => {
    const file = call.options.get(name);
    return typeof file === "object" ? [file] : [];
  });
}

/** The names of the sources that agents here have, each once. */
export function attachedNames({ session }: CompletionCall): readonly string[] {
  return [...new Set(session.documents.attached().map((source) => source.name))];
}

/** What reading a document takes from the call; `name` is what progress calls it. */
export function readingOptions(call: CommandCall, name: string): ReadingOptions {
  const tell = call.session.documents.teller(name);
  return {
    onProgress: (progress) => call.progress(tell(progress)),
    ...(call.signal ? { signal: call.signal } : {}),
    ...(call.askPassword ? { askPassword: call.askPassword } : {}),
  };
}

/** The given page, from 1; 1 if none was given. */
export function pageOption(call: CommandCall): number {
  const value = call.options.get("page");
  return typeof value === "number" ? value : 1;
}

export function completeAgent(call: CompletionCall): readonly string[] {
  const names = call.session.agents().filter((agent) => agent.kind === "memgpt");
  return matching(
    names.map((agent) => agent.name),
    call.typed,
  );
}

/** The names that hold what was typed, those that begin with it first. */
export function matching(names: readonly string[], typed: string): readonly string[] {
  const wanted = typed.trim().toLowerCase();
  const rank = (name: string): number => name.toLowerCase().indexOf(wanted);
  return names
    .filter((name) => rank(name) >= 0)
    .sort((a, b) => Number(rank(a) > 0) - Number(rank(b) > 0) || a.localeCompare(b));
}
