/**
 * What a line asks for, by its form alone: rules for a handful of English phrases that people use
 * with an assistant that keeps notes. Everything else is a question or a statement.
 */
import { isForeign, isWork } from "./beyond.ts";
import { type Direction, DOCUMENT_SAYS, directionOf } from "./directions.ts";
import { askQuery, type Days, dayOf, daysIn, recallQuery } from "./queries.ts";
import { sentencesOf } from "./sentences.ts";
import type { Line } from "./transcript.ts";

export type Intent =
  /** Keep a fact, as the person put it. */
  | { kind: "remember"; speaker: string; fact: string; archive: boolean }
  /** Replace a text in core memory, or with an empty `to` take the line out that has it. */
  | { kind: "correct"; from: string; to: string }
  /** What was said; `speaker` when the person asks about own words. */
  | { kind: "recall"; query: string; days?: Days; speaker?: string; decision?: boolean }
  /** "…, not `from`": a correction if core memory has that, `otherwise` if it has not. */
  | { kind: "amend"; speaker: string; left: string; from: string; otherwise: Intent }
  /** Work for a model that thinks, a language that is none of the rules', an order in time. */
  | { kind: "cannot"; what: "do" | "read" | "sort" }
  /** A question. `archival` when it names archival memory or a document. */
  | {
      kind: "ask";
      speaker: string;
      query: string;
      archival: boolean;
      define: boolean;
      personal: boolean;
    }
  /** What another way than searching answers. `time` is the line's. */
  | { kind: "direct"; direction: Direction; time: string | undefined }
  /** What is known of the person who asks, or of who is asked. */
  | { kind: "who"; speaker: string; whom: "me" | "you" }
  | { kind: "greeting"; speaker: string; form: "hello" | "thanks" | "goodbye" }
  | { kind: "statement"; speaker: string; query: string };

/** Read of one line, and answered in one turn, at most. */
const MAX_SENTENCES = 20;
const MAX_LINE = 4000;

const POLITE =
  /^(?:(?:please|pls|kindly|actually|memgpt|bot|hey|hi|hello|ok|okay|so|and|also|now|well|thanks|thank you|(?:can|could|would|will) you|i(?:['’]d| would) like you to|i want you to|@\S+|\w{1,40}_\w{1,40}(?=[,:]))[,!.:]*\s+){1,5}/i;

const REMEMBER =
  /^(?:remember|note|keep in mind|bear in mind|do(?:n['’]?t| not) forget|memori[sz]e|(?:make|take) (?:a )?note(?: of)?|write down|jot down|save|store|archive|record|add)\b/i;
const QUALIFIER =
  /^\s*(?:this|it|the following)?\s*(?:(?:in|to|into) (?:your |the |my )?(core|archival|long[- ]term|working|)\s*(?:memory|archive))?\s*(?:please\s*)?(?:(that)\b|([:,]))?\s*/i;
/** Verbs that mean much else, and so need a "that", a colon or the memory's name. */
const LOOSE_VERB = /^(?:note|save|store|archive|record|add|write|jot|make|take)/i;
const NOT_A_FACT = /^(?:when|how|what|why|who|where|which|me|us|the time|to remember)\b/i;
const ABOUT_ONESELF =
  /^(?:my (?:full |first |last |nick|middle )?(?:name|pronouns|birthday|e-?mail|phone|address|job|profession|role|title|time ?zone|hometown|wife|husband|partner|son|daughter|dog|cat|pet|children|kids|company|team|language|favou?rite [\p{L} ]{2,30})(?:['’]s [\p{L} ]{2,30})? (?:is|are)\b|call me\b|i live in\b|i work (?:at|for|as|in)\b|i was born\b|i prefer\b|i(?:['’]m| am) (?:allergic|vegetarian|vegan|called)\b)/iu;

const FORGET =
  /^(?:forget|(?:delete|remove|erase|strike)(?=.{1,500}\b(?:memory|note|fact)\b))\b\s*/i;
const FORGET_FILLER =
  /^(?:that\b|about\b|the (?:note|fact|memory)\b(?: that| about)?|what (?:i|we) said about\b)\s*/i;
const FROM_MEMORY = /\s*\b(?:from|in|out of) (?:your |the )?(?:core )?memory\b/i;
const CORRECTION =
  /^(?:correct|replace|change|update)\s+["“']?(.{1,300}?)["”']?\s+(?:with|by|to|into)\s+["“']?(.{1,300}?)["”']?$/i;

const AMEND = /^(.{1,300}?), (?:and |but )?not ([^,;!?]{1,100}?)[\s.!]*$/i;
const AND_THAT = /,? and that /i;
const MAX_FACTS = 3;

const AUTHORS =
  /^who(?:['’]s| is| are)? (?:\S+ )?(?:wrote|written|authored|published|authors?)\b.*\b(?:paper|document|article|book|pdf|report|file|handbook)\b/i;

const SEARCH = "(?:search|look (?:in|into|through|up in)|check|consult|query|use|see)";
const ARCHIVAL = new RegExp(
  `\\b(?:${SEARCH}|according to|in)\\s+(?:in\\s+|through\\s+)?(?:(?:your|the|my|our|this|that|attached)\\s+){0,2}(?:archival(?: memory| storage)?|archives?|documents?|papers?|pdfs?|files?|sources?|attachments?)\\b(?:\\s+(?:for|about|on))?`,
  "i",
);
const RECALL_ORDER = new RegExp(
  `\\b${SEARCH}\\s+(?:(?:your|the|our|my)\\s+)?(?:recall|conversation|chat|message)s?(?:\\s+(?:memory|history|log|storage))?\\b`,
  "i",
);
const RECALL =
  /\b(?:(?:did|have|has|had) (?:\S+ ){1,4}?(?:say|said|tell|told|mention|mentioned|talk|talked|discuss|discussed|decide|decided|agree|agreed|ask|asked|write|written)\b|(?:who|what|when|which|where) (?:\S+ ){0,3}?(?:said|told|mentioned|discussed|decided|agreed|asked|wrote)\b|(?:do|can|did) (?:you|we|anyone|anybody) (?:still )?(?:remember|recall)\b|^remember (?:when|how|what|why|who|where|the time)\b)/i;
const OWN_WORDS = /\b(?:did|have|had) i\b|\bi (?:said|told|mentioned|asked|wrote)\b/i;

const WHO_AM_I =
  /\bwho am i\b|\b(?:what|everything|all|things)(?: that)? (?:do )?you (?:know|remember)(?: (?:about|of) (?:me|us)\b|[\s.!?]*$)|^(?:do you )?remember me\b|^(?:show|list|print|what(?: is|['’]s) in)(?: me)? (?:your |the )?core memory\b/i;
const WHO_ARE_YOU =
  /\bwho are you\b|\bwhat(?: is|['’]s) your name\b|\bwhat are you\b|\babout yourself\b/i;
const QUESTION =
  /[?？]\s*["”’)]*$|^(?:what|who|whom|whose|when|where|why|how|which|tell (?:me|us)|explain|describe|define|summari[sz]e|compare|list|show|give (?:me|us)|quote|find|look up|search)\b/i;
const DEFINITION =
  /\bwhat(?: is| are|['’]s| was| were)\b|\bwhat .{1,80} (?:is|are|means?)\b|^(?:define|explain|describe)\b|\bmeaning of\b/i;
/** Asks on, and names nothing. */
const VAGUE =
  /^(?:tell me |say |show me )?(?:some |any)?(?:more|else|further|again|on|why|how so|go on|continue|and)(?: (?:about|of) (?:it|that|this))?(?: please)?[\s.!?]*$/i;
const PERSONAL = /\b(?:my|mine|i|me)\b/i;

const HELLO = /^(?:how are you|hi|hello|hey|greetings|good (?:morning|afternoon|evening|day))\b/i;
/** A greeting in the form of a question. */
const HOW_GOES_IT =
  /^(?:what['’]?s up|how(?:['’]s| is| are) (?:it|things|everything) going|how do you do|sup)\b[\s.!?]*$/i;
const THANKS = /^(?:thanks|thank you|thx|cheers)\b/i;
const GOODBYE = /^(?:bye|goodbye|good night|see you|cu)\b/i;

/** What the lines ask for, in order. Statements count only where nothing is asked for. */
export function intentsOf(lines: readonly Line[], earlier: readonly Line[] = []): Intent[] {
  const intents = lines.flatMap((line) => lineIntents(line, earlier));
  const asked = intents.filter((i) => i.kind !== "statement" && i.kind !== "greeting");
  if (asked.length > 0) return asked;
  const statements = intents.filter((i) => i.kind === "statement");
  const telling = statements.find((i) => i.query !== "");
  return [telling ?? intents.find((i) => i.kind === "greeting") ?? statements[0]].flatMap(
    (i) => i ?? [],
  );
}

function lineIntents(line: Line, earlier: readonly Line[]): Intent[] {
  const text = line.text.slice(0, MAX_LINE);
  const sentences = sentencesOf(text).slice(0, MAX_SENTENCES);
  const intents: Intent[] = [];
  let archival = false;
  let taken = 0;
  for (const [i, raw] of sentences.entries()) {
    if (i < taken) continue;
    const sentence = raw.replace(POLITE, "");
    const order = ARCHIVAL.exec(sentence);
    if (order && askQuery(sentence.replace(order[0], " ")) === "") {
      archival = true;
      continue;
    }
    const kept = rememberIntent(sentence, { line, sentences, at: i, earlier });
    const read = kept ? factsOf(kept.intent) : [sentenceIntent(line, sentence, raw)];
    taken = kept?.end ?? taken;
    const [, left, from] = QUESTION.test(sentence) ? [] : (AMEND.exec(sentence) ?? []);
    const [otherwise] = read;
    if (left !== undefined && from !== undefined && otherwise && read.length === 1) {
      intents.push({ kind: "amend", speaker: line.speaker, left, from, otherwise });
    } else intents.push(...read);
  }
  return archival ? withArchival(intents, line, earlier) : intents;
}

/** Whether a sentence asks or orders something, and so tells nothing. */
export function isRequest(sentence: string): boolean {
  const bare = sentence.slice(0, MAX_LINE).replace(POLITE, "");
  return QUESTION.test(bare) || FORGET.test(bare) || isWork(bare);
}

/** "A and that B" are two facts, which can be forgotten one by one. */
function factsOf(intent: Intent): Intent[] {
  if (intent.kind !== "remember") return [intent];
  const [first = "", ...more] = intent.fact.split(AND_THAT);
  const tail = more.splice(MAX_FACTS - 2).join(" and that ");
  const facts = [first, ...more, tail].filter((fact) => fact !== "");
  const whole = facts.every((fact) => fact.split(" ").length > 2);
  return whole ? facts.map((fact) => ({ ...intent, fact })) : [intent];
}

function sentenceIntent(line: Line, sentence: string, raw: string): Intent {
  const { speaker } = line;
  const direction = directionOf(sentence);
  if (direction) return { kind: "direct", direction, time: line.time };
  const correction = correctIntent(sentence);
  if (correction) return correction;
  if (WHO_AM_I.test(sentence)) return { kind: "who", speaker, whom: "me" };
  if (WHO_ARE_YOU.test(sentence)) return { kind: "who", speaker, whom: "you" };
  if (AUTHORS.test(sentence)) {
    const query = askQuery(sentence);
    return { kind: "ask", speaker, query, archival: true, define: false, personal: false };
  }
  const inDocument = DOCUMENT_SAYS.exec(sentence);
  if (
    !inDocument &&
    (RECALL_ORDER.test(sentence) || (RECALL.test(sentence) && QUESTION.test(sentence)))
  ) {
    return recallIntent(line, sentence.replace(RECALL_ORDER, " "));
  }
  if (isWork(sentence)) return { kind: "cannot", what: "do" };
  if ((HELLO.test(raw) && askQuery(sentence) === "") || HOW_GOES_IT.test(sentence)) {
    return { kind: "greeting", speaker, form: "hello" };
  }
  const order = QUESTION.test(sentence) && inDocument ? inDocument : ARCHIVAL.exec(sentence);
  if (order || QUESTION.test(sentence)) {
    return {
      kind: "ask",
      speaker,
      query: VAGUE.test(sentence)
        ? ""
        : askQuery(order ? sentence.replace(order[0], " ") : sentence),
      archival: order !== null,
      define: DEFINITION.test(sentence),
      personal: PERSONAL.test(sentence),
    };
  }
  const query = askQuery(sentence);
  const short = askQuery(raw.replace(HELLO, "")).split(" ").length <= 2;
  if (short && HELLO.test(raw)) return { kind: "greeting", speaker, form: "hello" };
  if (short && THANKS.test(raw)) return { kind: "greeting", speaker, form: "thanks" };
  if (short && GOODBYE.test(raw)) return { kind: "greeting", speaker, form: "goodbye" };
  if (isForeign(raw)) return { kind: "cannot", what: "read" };
  return { kind: "statement", speaker, query };
}

interface Place {
  line: Line;
  sentences: readonly string[];
  at: number;
  earlier: readonly Line[];
}

/** `end` is the sentence after the fact, which may take in more than one. */
function rememberIntent(
  sentence: string,
  { line, sentences, at, earlier }: Place,
): { intent: Intent; end: number } | undefined {
  const intent = (fact: string, archive: boolean): Intent => ({
    kind: "remember",
    speaker: line.speaker,
    fact: fact.replace(/\s+/g, " ").replace(/[\s.!?？]+$/, ""),
    archive,
  });
  const asks = /[?？]\s*$/.test(sentence);
  if (ABOUT_ONESELF.test(sentence) && !asks) {
    return { intent: intent(sentence, false), end: at + 1 };
  }
  const verb = REMEMBER.exec(sentence)?.[0];
  if (verb === undefined) return undefined;
  const after = sentence.slice(verb.length);
  const [lead = "", store = "", that, mark] = QUALIFIER.exec(after) ?? [];
  const qualified = that !== undefined || mark !== undefined || /memory|archive/i.test(lead);
  // "Can you remember that …?" is an order, "remember me?" is none.
  if ((LOOSE_VERB.test(verb) && !qualified) || (asks && !that)) return undefined;
  const more = sentences.slice(at + 1);
  const question = more.findIndex((next) => QUESTION.test(next));
  const listed = mark === ":" ? (question < 0 ? more : more.slice(0, question)) : [];
  const end = at + 1 + listed.length;
  const archive = /^archiv/i.test(store) || /\barchive\b/i.test(verb + lead);
  const told = after
    .slice(lead.length)
    .replace(FROM_MEMORY, "")
    .replace(/^["“]|["”]$/g, "");
  if (/^[\s.!]*$/.test(told)) {
    // "Remember this.": what stands beside it is meant, or what the person said before.
    const beside = mark === ":" ? listed : sentences.slice(0, at);
    const before = earlier.findLast((other) => other.speaker === line.speaker)?.text ?? "";
    const fact = beside.length > 0 ? beside.join(" ") : before;
    return fact.trim() === "" ? undefined : { intent: intent(fact, archive), end };
  }
  if (!that && NOT_A_FACT.test(told)) return undefined;
  return { intent: intent([told, ...listed].join(" "), archive), end };
}

function correctIntent(sentence: string): Intent | undefined {
  const bare = sentence.replace(FROM_MEMORY, "").replace(/[\s.!]+$/, "");
  const [, from, to] = CORRECTION.exec(bare) ?? [];
  if (from !== undefined && to !== undefined) return { kind: "correct", from, to };
  const verb = FORGET.exec(sentence)?.[0];
  if (verb === undefined) return undefined;
  const what = bare
    .slice(verb.length)
    .replace(FORGET_FILLER, "")
    .replace(/^["“]|["”]$/g, "");
  if (/^(?:it|this|about it|)$/i.test(what)) return undefined;
  return { kind: "correct", from: what, to: "" };
}

function recallIntent(line: Line, sentence: string): Intent {
  const own = OWN_WORDS.test(sentence);
  const words = recallQuery(sentence);
  if (/^(?:very )?(?:first|earliest)(?: (?:thing|words?|line|message))?$/i.test(words)) {
    return { kind: "cannot", what: "sort" };
  }
  const decision = words === "" && /\b(?:decided?|agreed?)\b/i.test(sentence);
  const query = decision ? "decided agreed" : words;
  const today = dayOf(line.time);
  const named = daysIn(sentence, line.time);
  const days = named ?? (query === "" && today ? { from: today, to: today } : undefined);
  return {
    kind: "recall",
    query: days && named ? query.replace(/\b\d{4}-\d{2}-\d{2}\b/g, "").trim() : query,
    ...(days ? { days } : {}),
    ...(own ? { speaker: line.speaker } : {}),
    ...(decision ? { decision } : {}),
  };
}

/** "Search your archival memory." alone: it says where to look for what the line asks. */
function withArchival(intents: Intent[], line: Line, earlier: readonly Line[]): Intent[] {
  const search = (query: string): Intent => ({
    kind: "ask",
    speaker: line.speaker,
    query,
    archival: true,
    define: false,
    personal: false,
  });
  const turned = intents.map((intent): Intent => {
    if (intent.kind === "ask") return { ...intent, archival: true };
    return intent.kind === "statement" && intent.query !== "" ? search(intent.query) : intent;
  });
  if (turned.some((intent) => intent.kind === "ask")) return turned;
  const before = earlier.findLast((other) => askQuery(other.text) !== "")?.text ?? "";
  return [...turned, search(askQuery(before))];
}
