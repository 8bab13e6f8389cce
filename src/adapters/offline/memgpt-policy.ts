/**
 * The offline model's mind in MemGPT mode: a table of rules from what people ask to the functions
 * that do it. It keeps no state; each step is worked out anew from the prompt, so it goes on
 * rightly after a heartbeat, a failure, a warning, an eviction or a restart.
 */
import {
  amendedIn,
  blockFor,
  editDone,
  editFor,
  findNotes,
  isOverLimit,
  knownIn,
  noteOf,
} from "./core-notes.ts";
import { type Intent, intentsOf } from "./intents.ts";
import { composeReply } from "./replies.ts";
import { archivalItems, archivalQuotes, recallItems, recallQuotes } from "./search-results.ts";
import { opensAsOfflineTalk } from "./sentences.ts";
import { callLike, type DoneCall, type Transcript, textOf } from "./transcript.ts";

export interface Step {
  /** The inner monologue: one honest line on what is being looked up or kept, else empty. */
  thought: string;
  call?: { name: string; args: Readonly<Record<string, unknown>> };
}

/** Functions called for one line before it is answered; with the answer, four. */
const CALLS_PER_LINE = 3;
const MAX_CALLS = 9;
const MAX_INTENTS = 4;
/** Longer facts are archived: core memory stands in every prompt. */
const MAX_NOTE = 300;

/** `available` are the names of the functions on offer. */
export function nextStep(transcript: Transcript, available: ReadonlySet<string>): Step {
  const { lines, calls } = transcript;
  const failedAnswers = calls.filter((call) => call.name === "send_message").length;
  if (failedAnswers > 1) return { thought: "My answer could not be sent, so I stop here." };
  if (failedAnswers === 1) {
    return say("I had an answer, but it could not be sent. Please ask again in other words.");
  }
  if (lines.length === 0) return idleStep(transcript);
  // What other agents say offline is filler: people are answered.
  const people = lines.filter((line) => !opensAsOfflineTalk(line.text));
  if (people.length === 0) return say("I have nothing to add.");
  const intents = intentsOf(people, transcript.earlier).map((intent) =>
    intent.kind === "amend" ? amended(intent, transcript) : intent,
  );
  const taken = intents.slice(0, MAX_INTENTS);
  const limit = Math.min(MAX_CALLS, CALLS_PER_LINE * lines.length);
  if (calls.length < limit) {
    for (const intent of taken) {
      const step = stepFor(intent, transcript, available);
      if (step) return withHeartbeat(step);
    }
  }
  const reply = composeReply(taken, transcript, intents.length - taken.length);
  return say(reply);
}

/** The correction that the line makes in core memory, also once it is made; else what it says. */
function amended(
  { speaker, left, from, otherwise }: Extract<Intent, { kind: "amend" }>,
  transcript: Transcript,
): Intent {
  const done = editDone(transcript.calls, from);
  if (done) return { kind: "correct", from, to: textOf(done.args, "new_content") };
  // Kept already as a note of its own, which has the old text in it.
  if (transcript.calls.some((call) => textOf(call.args, "content").includes(from))) {
    return otherwise;
  }
  const edit = amendedIn(transcript, { speaker, left, from });
  return edit ? { kind: "correct", ...edit } : otherwise;
}

/** Nothing waits for an answer: an event came, or the line that was asked has left the window. */
function idleStep({ event, calls, said }: Transcript): Step {
  if (event === "login" && said.length <= 1) {
    return say(
      "Hello. Ask me to remember something, or ask what was said or what the documents say.",
    );
  }
  if (event === "heartbeat") return say("I have nothing to add.");
  if (calls.length > 0) return say("That is done.");
  return { thought: "Nothing waits for an answer. What was said stays in recall memory." };
}

/** The next function that the intent needs; undefined when it has all that it can get. */
function stepFor(
  intent: Intent,
  transcript: Transcript,
  available: ReadonlySet<string>,
): CallStep | undefined {
  const steps =
    intent.kind === "remember"
      ? rememberSteps(intent, transcript)
      : intent.kind === "correct"
        ? correctSteps(intent, transcript)
        : intent.kind === "recall"
          ? recallSteps(intent, transcript)
          : intent.kind === "ask" || intent.kind === "statement"
            ? askSteps(intent, transcript)
            : [];
  return steps.find(
    (step) => available.has(step.call.name) && !callLike(transcript.calls, step.call),
  );
}

type CallStep = Required<Step>;

function rememberSteps(
  intent: Extract<Intent, { kind: "remember" }>,
  transcript: Transcript,
): CallStep[] {
  const { calls } = transcript;
  const name = blockFor(transcript, intent.speaker);
  const content = noteOf(intent.speaker, intent.fact);
  const append = {
    thought: thought("Keeping in core memory", content),
    call: { name: "core_memory_append", args: { name, content } },
  };
  const insert = {
    thought: thought("Keeping in archival memory", content),
    call: { name: "archival_memory_insert", args: { content } },
  };
  if (intent.archive || content.length > MAX_NOTE) return [insert];
  const appended = callLike(calls, append.call);
  if (appended) return isOverLimit(appended) ? [insert] : [];
  return knownIn(transcript, content) === undefined ? [append] : [];
}

function correctSteps(
  { from, to }: Extract<Intent, { kind: "correct" }>,
  transcript: Transcript,
): CallStep[] {
  if (editDone(transcript.calls, from)) return [];
  const edit = editFor(transcript, from, to);
  if (!edit) return [];
  const doing = to === "" ? "Taking out of core memory" : "Correcting in core memory";
  return [
    { thought: thought(doing, from), call: { name: "core_memory_replace", args: { ...edit } } },
  ];
}

function recallSteps(
  intent: Extract<Intent, { kind: "recall" }>,
  transcript: Transcript,
): CallStep[] {
  const { query, days, speaker } = intent;
  const steps: CallStep[] = [];
  const words = [speaker, query].filter(Boolean).join(" ");
  if (days && query === "") {
    steps.push({
      thought: thought("Looking up what was said from", `${days.from} to ${days.to}`),
      call: {
        name: "conversation_search_date",
        args: { start_date: days.from, end_date: days.to },
      },
    });
  } else if (words !== "") {
    const first = conversationSearch(words);
    steps.push(first);
    const result = resultOf(transcript.calls, first);
    const { lines: asked } = transcript;
    const told = recallQuotes(query, recallItems(result), {
      ...{ asked, statements: true },
      ...(speaker === undefined ? {} : { speaker, only_speaker: true }),
    });
    // Echoes and questions may fill a page.
    if (told.length === 0 && /\(page 0\/[1-9]/.test(result))
      steps.push(conversationSearch(words, 1));
  }
  const found = steps.some((step) => {
    const items = recallItems(resultOf(transcript.calls, step));
    return recallQuotes(query, items, { asked: transcript.lines }).length > 0;
  });
  return found || query === "" ? steps : [...steps, archivalSearch(query)];
}

function askSteps(
  intent: Extract<Intent, { kind: "ask" | "statement" }>,
  transcript: Transcript,
): CallStep[] {
  const { query, speaker } = intent;
  if (query === "") return [];
  const search = archivalSearch(query);
  const recall = conversationSearch(query);
  if (intent.kind === "statement") return query.includes(" ") ? [search] : [];
  if (intent.archival) return [search];
  if (findNotes(transcript, query, intent).some((note) => note.coverage === 1)) return [];
  if (intent.personal) {
    const items = recallItems(resultOf(transcript.calls, recall));
    const options = { asked: transcript.lines, speaker, only_speaker: true };
    // A word or two about oneself ("my name") would only find other people's in documents.
    const enough = recallQuotes(query, items, options).length > 0 || query.split(" ").length < 3;
    return enough ? [recall] : [recall, search];
  }
  const items = archivalItems(resultOf(transcript.calls, search));
  const { bearing } = archivalQuotes(query, items, { define: false });
  return bearing.length > 0 ? [search] : [search, recall];
}

/** Empty until it has run. */
function resultOf(calls: readonly DoneCall[], { call }: CallStep): string {
  return callLike(calls, call)?.result ?? "";
}

function archivalSearch(query: string): CallStep {
  return {
    thought: thought("Searching archival memory for", query),
    call: { name: "archival_memory_search", args: { query } },
  };
}

function conversationSearch(query: string, page = 0): CallStep {
  return {
    thought: thought(page > 0 ? "Searching further for" : "Searching recall memory for", query),
    call: { name: "conversation_search", args: { query, ...(page > 0 ? { page } : {}) } },
  };
}

function withHeartbeat({ thought, call }: CallStep): Step {
  return { thought, call: { name: call.name, args: { ...call.args, request_heartbeat: true } } };
}

/** Without a thought: there is none behind an answer of this model. */
function say(message: string): Step {
  return {
    thought: "",
    call: { name: "send_message", args: { message } },
  };
}

/** First-message verification takes brackets, quotes and two words for a botched call. */
function thought(doing: string, what: string): string {
  const plain = what
    .replace(/[(){}[\]"]+/g, " ")
    .replace(/\s+/g, " ")
    .trim();
  const short = plain.length > 120 ? `${plain.slice(0, 119).replace(/\p{Cs}/gu, "")}…` : plain;
  return /functions|send_message/.test(short) ? `${doing} what was asked.` : `${doing}: ${short}`;
}
