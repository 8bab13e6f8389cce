/**
 * The functions of an agent that puts its memory in order (consolidation.ts). They can merge lines of a
 * block, move lines to archival memory and renew the summary: nothing new comes in, nothing gets
 * lost, and what is about one person stays theirs, so that forgetting them finds it.
 */
import { type AgentFunction, argumentError, define, textArgument } from "./agent-function.ts";
import { clipText } from "./clip-text.ts";
import { type CoreMemory, PERSON_LABEL } from "./core-memory.ts";
import type { MainContext } from "./main-context.ts";
import { mergeFault } from "./merge-guard.ts";

export interface TidyParts {
  /** Labels of the blocks that may be touched. */
  labels: ReadonlySet<string>;
  context: Pick<MainContext, "summary" | "replaceSummary">;
  /** Told of each change, in a line for people. */
  changed(text: string): void;
  /** Told that the model has done. */
  finish(): void;
}

const LONGEST_SUMMARY = 4000;
const NAME = { type: "string", description: "The block, such as human." };

export function tidyFunctions(parts: TidyParts): AgentFunction[] {
  const { context, finish } = parts;
  // Some models cannot answer without a call.
  const done = define("finish", "Ends the work: all is in order now.", {}, [], () => {
    finish();
    return null;
  });
  return [
    mergeLines(parts),
    moveToArchival(parts),
    ...(context.summary ? [refreshSummary(parts)] : []),
    done,
  ];
}

function mergeLines(parts: TidyParts): AgentFunction {
  return define(
    "merge_lines",
    "Makes one line of several lines of a block that state the same, in words that stand in the block.",
    {
      name: NAME,
      old_content: { type: "string", description: "The lines, exactly as they stand there." },
      new_content: { type: "string", description: "The line to put in their place." },
    },
    ["name", "old_content", "new_content"],
    (args, { core, now }) => {
      const name = checkedLabel(parts, textArgument(args, "name"));
      const from = textArgument(args, "old_content");
      const to = textArgument(args, "new_content").trim();
      const block = core.text(name);
      if (to === "") throw argumentError("'new_content' argument must not be empty");
      const fault = block.includes(from) ? mergeFault(block, from, to) : undefined;
      if (fault !== undefined) throw argumentError(fault);
      core.replace(name, from, to, now);
      parts.changed(mergeText(name, from, to));
      return sizeText(core, name);
    },
  );
}

function moveToArchival(parts: TidyParts): AgentFunction {
  return define(
    "move_to_archival",
    "Moves whole lines of a block to archival memory, where they are found by searching.",
    {
      name: NAME,
      lines: { type: "string", description: "The lines, each exactly as it stands there." },
    },
    ["name", "lines"],
    async (args, { core, archival, now, signal }) => {
      const name = checkedLabel(parts, textArgument(args, "name"));
      const wanted = linesOf(textArgument(args, "lines")).filter((line) => line.trim() !== "");
      const block = linesOf(core.text(name));
      const missing = wanted.find((line) => !block.includes(line));
      if (missing !== undefined || wanted.length === 0) {
        throw argumentError(`there is no such line in ${name}: ${clipText(missing ?? "", 100)}`);
      }
      // As a note of that person's, by which forgetting them finds it.
      const whose = name.startsWith(PERSON_LABEL) ? `${name.slice(PERSON_LABEL.length)}: ` : "";
      for (const line of wanted) await archival.insert(`${whose}${line.trim()}`, now, signal);
      const left = block.filter((line) => !wanted.includes(line)).join("\n");
      core.replace(name, core.text(name), left, now);
      parts.changed(moveText(name, wanted));
      return sizeText(core, name);
    },
  );
}

function refreshSummary({ context, changed }: TidyParts): AgentFunction {
  return define(
    "refresh_summary",
    "Puts another text in the place of the summary of what has left the agent's view.",
    { text: { type: "string", description: "The summary, in at most 100 words." } },
    ["text"],
    (args) => {
      const text = textArgument(args, "text").trim();
      if (text === "") throw argumentError("'text' argument must not be empty");
      context.replaceSummary(clipText(text, LONGEST_SUMMARY));
      changed(`renewed the summary: ${shown(text)}`);
      return null;
    },
  );
}

/** Whatever is known about one person is not for all to read. */
export function mergeText(label: string, from: string, to: string): string {
  if (label.startsWith(PERSON_LABEL)) return `merged lines of ${label}`;
  return `merged in ${label}: "${shown(from)}" → "${shown(to)}"`;
}

function moveText(label: string, lines: readonly string[]): string {
  const count = `${lines.length} line${lines.length === 1 ? "" : "s"}`;
  const told = label.startsWith(PERSON_LABEL) ? "" : `: ${shown(lines.join("\n"))}`;
  return `moved ${count} of ${label} to archival memory${told}`;
}

function checkedLabel({ labels }: TidyParts, name: string): string {
  const label = name.trim().toLowerCase();
  if (labels.has(label)) return label;
  throw argumentError(
    `there is no block ${clipText(name, 64)}; there are: ${[...labels].join(", ")}`,
  );
}

function sizeText(core: CoreMemory, label: string): string {
  return `${label} now has ${core.size(label)} of ${core.limit} characters.`;
}

function linesOf(text: string): string[] {
  return text.split(/\r?\n/);
}

function shown(text: string): string {
  return clipText(text.replace(/\s+/g, " ").trim(), 80);
}
