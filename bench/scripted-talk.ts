/**
 * A talk of 200 turns that is the same in every run: three people and a plain agent with a MemGPT
 * agent that answers, searches, archives, and edits its core memory 25 times. The model in it
 * follows a script and reads of its prompt only whether a summary or a warning is due.
 */
import type {
  ChatCompletion,
  ChatMessage,
  ChatModel,
  ChatRequest,
  ToolCall,
} from "../src/memgpt/ports.ts";
import type { IncomingLine } from "../src/memgpt/runtime.ts";

export const TURNS = 200;
/** A core-memory edit in every eighth turn. */
export const EDITS = 25;

const START = Date.UTC(2026, 0, 5, 9);
const MINUTE = 60_000;
const PEOPLE = ["Ada", "Bob", "Product_manager", "Cleo"];

type Call = readonly [name: string, args: Record<string, unknown>];

interface Answer {
  thought: string;
  calls: readonly Call[];
}

/** What is said to the agent in a turn (from 1): one line, in every third turn two. */
export function linesOf(turn: number): IncomingLine[] {
  const at = turnTime(turn);
  const first = { speaker: speakerOf(turn), text: prose(turn * 7, 2 + (turn % 3)), created_at: at };
  if (turn % 3 > 0) return [first];
  const text = prose(turn * 13 + 5, 1);
  return [first, { speaker: speakerOf(turn + 1), text, created_at: at + 20_000 }];
}

export function turnTime(turn: number): number {
  return START + turn * 7 * MINUTE;
}

/** Plays the agent's part; `turn` is set by whoever leads the talk. */
export class ScriptedTalk implements ChatModel {
  readonly model = "scripted";
  readonly offline = false;
  readonly context_window: number;
  readonly requests: ChatRequest[] = [];
  #pending: Answer[] = [];
  #serial = 0;

  constructor(context_window: number) {
    this.context_window = context_window;
  }

  beginTurn(turn: number): void {
    this.#pending = answersOf(turn);
  }

  async complete(request: ChatRequest): Promise<ChatCompletion> {
    // A copy of the list is enough: messages are never changed once they are in a prompt.
    this.requests.push({ ...request, messages: [...request.messages] });
    this.#serial += 1;
    if (!request.tools) return this.#completion(prose(this.#serial, 6), []);
    const answer = isWarning(request.messages.at(-1)) ? this.#archive() : this.#next();
    const calls = answer.calls.map(
      ([name, args], i): ToolCall => ({
        id: `s${this.#serial}_${i}`,
        type: "function",
        function: { name, arguments: JSON.stringify(args) },
      }),
    );
    return this.#completion(answer.thought, calls);
  }

  #next(): Answer {
    const answer = this.#pending.shift();
    if (!answer) throw new Error("The script has no further answer for this turn.");
    return answer;
  }

  /** What a model does that is told of memory pressure. */
  #archive(): Answer {
    const content = prose(this.#serial * 3, 2);
    const args = { content, request_heartbeat: this.#pending.length > 0 };
    return {
      thought: "I keep what matters before it leaves.",
      calls: [["archival_memory_insert", args]],
    };
  }

  #completion(content: string, tool_calls: ToolCall[]): ChatCompletion {
    const finish_reason = tool_calls.length > 0 ? "tool_calls" : "stop";
    return { content, tool_calls, finish_reason, model: this.model };
  }
}

function answersOf(turn: number): Answer[] {
  const answer: Answer = {
    thought: prose(turn * 5 + 2, 1),
    calls: [["send_message", { message: prose(turn * 11 + 3, 2 + (turn % 4)) }]],
  };
  if (turn % 8 === 0) return [editIn(turn), answer];
  if (turn % 11 === 5) {
    const query = prose(turn, 1).split(" ").slice(2, 5).join(" ");
    const search: Call = ["conversation_search", { query, request_heartbeat: true }];
    return [{ thought: "I look for it in recall memory.", calls: [search] }, answer];
  }
  if (turn % 17 === 9) {
    const content = prose(turn * 3, 3);
    const keep: Call = ["archival_memory_insert", { content, request_heartbeat: false }];
    return [{ ...answer, calls: [keep, ...answer.calls] }];
  }
  return [answer];
}

function editIn(turn: number): Answer {
  const edit = turn / 8;
  const fact = (n: number): string =>
    `${speakerOf(n)}: ${prose(n * 17, 1)
      .split(" ")
      .slice(0, 8)
      .join(" ")}`;
  const call: Call =
    edit % 5 === 0
      ? [
          "core_memory_replace",
          {
            name: "human",
            old_content: fact(edit - 1),
            new_content: fact(edit),
            request_heartbeat: true,
          },
        ]
      : ["core_memory_append", { name: "human", content: fact(edit), request_heartbeat: true }];
  return { thought: "This will matter later.", calls: [call] };
}

function isWarning(message: ChatMessage | undefined): boolean {
  return (
    message?.role === "user" && message.content?.includes("context window is filling") === true
  );
}

function speakerOf(n: number): string {
  return PEOPLE[n % PEOPLE.length] ?? "Ada";
}

const SUBJECTS =
  "The draft|Our release|The second test|That invoice|The meeting with Ines|My sister's garden|The old server|Chapter four|The budget for spring|The map of the harbour|Your last idea|The new recipe";
const VERBS =
  "needs more time than I thought|was finished on Tuesday evening|depends on what the others decide|looks better since we moved the pictures|cost us about 340 euros in the end|should not wait until the holidays|still has a fault that nobody can explain|made everybody at the table laugh";
const ENDS =
  "so please remind me of it next week|and I would like to hear what you think|because the train from Oslo was late again|which is why I wrote to the office at once|although Bob had warned us in March|and that is all that I can say for now|but we can change it if you see a simpler way";

/** Sentences that are chosen by a small generator of numbers: the same for the same seed. */
function prose(seed: number, sentences: number): string {
  let state = (seed * 2654435761 + 12345) >>> 0;
  const pick = (list: string): string => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const words = list.split("|");
    return words[(state >>> 8) % words.length] ?? "";
  };
  return Array.from(
    { length: sentences },
    () => `${pick(SUBJECTS)} ${pick(VERBS)}, ${pick(ENDS)}.`,
  ).join(" ");
}
