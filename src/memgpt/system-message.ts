/**
 * The system message: the preset's prompt and, below it, core memory and what the other memories
 * hold (MemGPT 0.3.5 `construct_system_with_memory`). Between evictions it is not rendered anew, so
 * counts carry the moment they were taken and stay true; later ones come with the results and alerts
 * that change them. The layout `memgpt_0_3` is the original's, to the letter.
 */
import type { ArchivalMemory } from "./archival-memory.ts";
import type { BlockLabel, CoreMemory } from "./core-memory.ts";
import type { RecallMemory } from "./recall-memory.ts";
import type { AttachedSource, PromptLayout } from "./runtime.ts";
import type { TimeFormat } from "./time-format.ts";

/** Sources named one by one in the prompt. */
const MAX_SOURCES = 20;

/** What stands below the preset's prompt, as it was rendered at some time; a row of the store. */
export interface Front {
  layout: PromptLayout;
  text: string;
}

export interface FrontParts {
  core: CoreMemory;
  recall: RecallMemory;
  archival: ArchivalMemory;
  time: TimeFormat;
  now: number;
  layout: PromptLayout;
}

/** What changes least comes first, so that even an eviction leaves a prefix as long as can be. */
export function renderFront(parts: FrontParts): Front {
  const { core, recall, archival, time, now, layout } = parts;
  const modified = `[last modified: ${time.format(core.modified_at)}]`;
  const blocks = [
    "Core memory shown below (limited in size; what does not fit is in archival / recall memory):",
    ...renderBlock(core, "persona"),
    ...renderBlock(core, "human"),
  ];
  const counts = [
    `${recall.count()} previous messages between you and the people are stored in recall memory (use functions to access them)`,
    `${archival.count()} total memories are stored in archival memory (use functions to access them)`,
    ...describeSources(archival.sources),
  ];
  const memory =
    layout === "memgpt_0_3"
      ? [`### Memory ${modified}`, ...counts, "", ...blocks]
      : ["### Memory", ...blocks, modified, "", `As of ${time.format(now)}:`, ...counts];
  return { layout, text: memory.join("\n") };
}

export function systemMessage(prompt: string, front: Front): string {
  return `${prompt.trimEnd()}\n\n${front.text}`;
}

/** E.g. `paper.pdf (pdf, 65 passages): a paper about memory`. */
export function describeSource(source: AttachedSource): string {
  const about = source.description ? `: ${oneLine(source.description)}` : "";
  const passages = `${source.passages} passage${source.passages === 1 ? "" : "s"}`;
  return `${oneLine(source.name)} (${oneLine(source.kind)}, ${passages})${about}`;
}

function describeSources(sources: readonly AttachedSource[]): string[] {
  if (sources.length === 0) return [];
  const named = sources.slice(0, MAX_SOURCES).map((source) => `- ${describeSource(source)}`);
  const rest = sources.length - named.length;
  return [
    "Among these are the data sources attached to you:",
    ...named,
    ...(rest > 0 ? [`- and ${rest} more`] : []),
  ];
}

function renderBlock(core: CoreMemory, label: BlockLabel): string[] {
  return [`<${label} characters="${core.size(label)}/${core.limit}">`, core[label], `</${label}>`];
}

/** Names come from files that people upload: they stay on their line. */
function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
