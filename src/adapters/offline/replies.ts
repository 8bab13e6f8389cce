/**
 * What the offline model says at the end of a turn: what it saved and where, what it found and
 * whose words they are. It quotes; it never puts things in words of its own that it was not told.
 */
import { editDone, findNotes, knownIn, noteOf, notesIn, notesOf } from "./core-notes.ts";
import { directionText } from "./directions.ts";
import type { Intent } from "./intents.ts";
import {
  archivalItems,
  archivalQuotes,
  type Quote,
  type RecallItem,
  recallItems,
  recallQuotes,
} from "./search-results.ts";
import { clip } from "./sentences.ts";
import { callLike, type DoneCall, type Transcript, textOf } from "./transcript.ts";

export const EXPLANATION =
  "I am the offline model: I look words up and do not reason. " +
  "For answers that do, set OPENAI_API_KEY or fill in config/models.yaml.";

const NO_WORK =
  "I keep notes, look words up and quote. To have things made, set OPENAI_API_KEY or fill in config/models.yaml.";

const MAX_NOTES = 6;
const MAX_LINE_QUOTE = 300;

/** `left` counts what was asked beyond what one turn takes on. */
export function composeReply(
  intents: readonly Intent[],
  transcript: Transcript,
  left: number,
): string {
  const parts = intents.map((intent) => part(intent, transcript));
  if (left > 0) parts.push(`I did not get to the rest; please send it again on its own.`);
  return parts.length > 0 ? [...new Set(parts)].join("\n\n") : "I heard a line without words.";
}

function part(intent: Intent, transcript: Transcript): string {
  switch (intent.kind) {
    case "remember":
      return rememberPart(intent, transcript);
    case "correct":
      return correctPart(intent, transcript);
    case "recall":
      return recallPart(intent, transcript);
    case "ask":
      return askPart(intent, transcript);
    case "statement":
      return statementPart(intent, transcript);
    case "direct":
      return directionText(intent.direction, intent.time && clockTime(intent.time));
    case "who":
      return whoPart(intent, transcript);
    case "greeting":
      return greetingPart(intent);
    case "cannot":
      return cannotPart(intent, transcript);
    case "amend":
      return "";
  }
}

function rememberPart(
  { speaker, fact }: Extract<Intent, { kind: "remember" }>,
  transcript: Transcript,
): string {
  const { calls } = transcript;
  const content = noteOf(speaker, fact);
  const append = callLike(calls, { name: "core_memory_append", args: { content } });
  const insert = callLike(calls, { name: "archival_memory_insert", args: { content } });
  const shown = quoted(clip(content, MAX_LINE_QUOTE));
  if (append?.ok) return `Saved in core memory (${textOf(append.args, "name")}): ${shown}.`;
  if (insert?.ok) {
    const why = append ? "Core memory has no room for it, so it is saved" : "Saved";
    return `${why} in archival memory: ${shown}.`;
  }
  const failed = insert ?? append;
  if (failed) return `I could not save ${shown}: ${reason(failed)}`;
  const known = knownIn(transcript, content);
  if (known !== undefined) return `Core memory (${known}) has that already: ${shown}.`;
  return `I could not save ${shown}: I have no function for it here.`;
}

function correctPart(
  { from, to }: Extract<Intent, { kind: "correct" }>,
  { calls }: Transcript,
): string {
  const edit = editDone(calls, from);
  if (!edit) {
    const hint = "Give me the words as they stand there; /memory shows them.";
    return `I changed nothing: core memory does not have exactly ${quoted(from)}, once. ${hint}`;
  }
  if (!edit.ok) return `I could not change core memory: ${reason(edit)}`;
  const old = quoted(textOf(edit.args, "old_content").trim());
  const block = textOf(edit.args, "name");
  const rest = textOf(edit.args, "new_content").trim();
  if (to === "" && rest !== "") {
    return `Taken out of core memory (${block}): ${quoted(from)}. It still says: ${quoted(rest)}.`;
  }
  return to === ""
    ? `Taken out of core memory (${block}): ${old}. The conversation itself stays in recall memory.`
    : `Core memory (${block}) now says ${quoted(to)} instead of ${old}.`;
}

function recallPart(intent: Extract<Intent, { kind: "recall" }>, transcript: Transcript): string {
  const { query, days, speaker } = intent;
  const found = recalled(query, transcript, {
    ...(speaker === undefined ? {} : { speaker }),
    ...(intent.decision ? { statements: true } : {}),
  });
  const inDays = days ? found.filter((item) => within(item, days)) : found;
  const about = intent.decision ? "a decision" : query === "" ? "that" : quoted(query);
  if (inDays.length > 0) return recallLines(inDays);
  if (found.length > 0) return `I found nothing from those days, but this:\n${recallLines(found)}`;
  const { bearing } = archived(query, transcript, false);
  if (bearing.length > 0) return `Nobody said so here, but archival memory has:\n${lines(bearing)}`;
  return nothing(about, transcript);
}

function askPart(intent: Extract<Intent, { kind: "ask" }>, transcript: Transcript): string {
  const { query, speaker, archival, define, personal } = intent;
  if (query === "") return `What should I look for? Name it in a word or two.`;
  const notes = archival ? [] : findNotes(transcript, query, intent);
  if (notes.some((note) => note.coverage === 1)) {
    return notesLine(notes.filter((note) => note.coverage === 1));
  }
  const { bearing, near } = archived(query, transcript, define);
  const said = archival
    ? []
    : recalled(query, transcript, {
        statements: true,
        ...(personal ? { speaker, only_speaker: true } : {}),
      });
  const parts = [
    ...(notes.length > 0 ? [notesLine(notes, "The nearest in core memory")] : []),
    ...(bearing.length > 0 ? [`From archival memory on ${quoted(query)}:\n${lines(bearing)}`] : []),
    ...(said.length > 0 && (personal || bearing.length === 0) ? [recallLines(said)] : []),
  ];
  if (parts.length > 0) return parts.join("\n");
  if (archival && near.length > 0) {
    return `No passage has most of the words of ${quoted(query)}. The nearest:\n${lines(near)}`;
  }
  return nothing(quoted(query), transcript);
}

function statementPart(
  { speaker, query }: Extract<Intent, { kind: "statement" }>,
  transcript: Transcript,
): string {
  const { bearing } = archived(query, transcript, false);
  if (bearing.length > 0) return `Archival memory has this on it:\n${lines(bearing.slice(0, 2))}`;
  // Not where it is kept: a line of somebody who opted out is not.
  const heard = `Heard, ${speaker}.`;
  const failure = failures(transcript);
  return [heard, ...failure, ...explanation(transcript)].join(" ");
}

function whoPart(
  { speaker, whom }: Extract<Intent, { kind: "who" }>,
  transcript: Transcript,
): string {
  if (whom === "you") {
    const [persona] = notesIn(transcript.persona);
    const own = persona ? [`My persona says: ${quoted(clip(persona, MAX_LINE_QUOTE))}`] : [];
    return [...own, EXPLANATION].join(" ");
  }
  const notes = notesOf(transcript, speaker).slice(-MAX_NOTES);
  if (notes.length === 0) {
    return `Core memory says nothing about you yet, ${speaker}. Tell me what to remember.`;
  }
  return `Core memory says:\n${notes.map((note) => `- ${quoted(note)}`).join("\n")}`;
}

function greetingPart({ speaker, form }: Extract<Intent, { kind: "greeting" }>): string {
  if (form === "thanks") return `You are welcome, ${speaker}.`;
  if (form === "goodbye") return `Goodbye, ${speaker}.`;
  return `Hello, ${speaker}. I am the offline model: I keep what you tell me and quote what you attach. Try \`/attach FILE\`, or “Remember that …”.`;
}

function cannotPart({ what }: Extract<Intent, { kind: "cannot" }>, { said }: Transcript): string {
  if (what === "sort") {
    return "I cannot sort what was said by time. Give me a word of it, or the day, and I look there.";
  }
  const who = `I cannot ${what} that: I am the offline model`;
  const told = said.some((text) => text.includes(NO_WORK) || text.includes(EXPLANATION));
  const know = what === "read" ? ", and know English alone" : "";
  return told ? `${who}${know}.` : `${who}${know}. ${NO_WORK}`;
}

function archived(
  query: string,
  { calls }: Transcript,
  define: boolean,
): { bearing: Quote[]; near: Quote[] } {
  const search = callLike(calls, { name: "archival_memory_search", args: { query } });
  return archivalQuotes(query, archivalItems(search?.result ?? ""), { define });
}

/** What all searches of recall memory in this turn found for the query. */
function recalled(
  query: string,
  { calls, lines: asked }: Transcript,
  options: { speaker?: string; only_speaker?: boolean; statements?: boolean } = {},
): RecallItem[] {
  const items = calls
    .filter((call) => call.ok && call.name.startsWith("conversation_search"))
    .flatMap((call) => recallItems(call.result));
  return recallQuotes(query, items, { asked, ...options });
}

function within({ time }: RecallItem, days: { from: string; to: string }): boolean {
  const day = time.slice(0, 10);
  return days.from <= day && day <= days.to;
}

function lines(quotes: readonly Quote[]): string {
  return quotes
    .map(({ text, source }) => `- ${quoted(text)} (${source ?? "archival memory"})`)
    .join("\n");
}

function recallLines(items: readonly RecallItem[]): string {
  const said = items.map(({ time, speaker, text }) => {
    const who = speaker === "" ? "I" : speaker;
    return `- ${clockTime(time)}, ${who} said: ${quoted(clip(text.replace(/\s+/g, " "), MAX_LINE_QUOTE))}`;
  });
  return `From recall memory:\n${said.join("\n")}`;
}

/** `2026-01-05 09:00:00 AM UTC+0000` to the minute. */
function clockTime(time: string): string {
  return time.replace(/^(\S+ \d{2}:\d{2}):\d{2} ([AP]M)\b.*$/, "$1 $2");
}

function notesLine(
  notes: readonly { block: string; note: string }[],
  lead = "Core memory says",
): string {
  const shown = notes.slice(0, 2).map(({ block, note }) => `${quoted(note)} (${block})`);
  return `${lead}: ${shown.join(", ")}.`;
}

function nothing(about: string, transcript: Transcript): string {
  const failed = failures(transcript);
  const searched = new Set(["core memory", ...transcript.calls.flatMap(searchedBy)]);
  const where = new Intl.ListFormat("en-GB", { type: "disjunction" }).format(searched);
  const found = failed.length > 0 ? failed : [`I found nothing on ${about} in ${where}.`];
  return [...found, ...explanation(transcript)].join(" ");
}

function searchedBy(call: DoneCall): string[] {
  if (call.name === "archival_memory_search") return ["archival memory"];
  return call.name.startsWith("conversation_search") ? ["recall memory"] : [];
}

function failures({ calls }: Transcript): string[] {
  return calls
    .filter((call) => !call.ok && searchedBy(call).length > 0)
    .map((call) => `I could not search ${searchedBy(call).join()}: ${reason(call)}`);
}

/** Told once, as long as the people can still see it. */
function explanation({ said }: Transcript): string[] {
  return said.some((text) => text.includes(EXPLANATION)) ? [] : [EXPLANATION];
}

/** The functions' own words on what went wrong, as a sentence. */
function reason(call: DoneCall): string {
  const text = clip(call.result.replace(/^Error calling function \w+: /, ""), 240).trim();
  return /[.!?…]$/.test(text) ? text : `${text === "" ? "it failed" : text}.`;
}

function quoted(text: string): string {
  return `“${text.replace(/[“”]/g, '"')}”`;
}
