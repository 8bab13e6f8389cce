/**
 * First-message verification (MemGPT 0.3.5 `verify_first_message_correctness`): a new agent's first
 * answer must speak or search, and think like a person if it has to think. Where MemGPT threw after
 * eleven calls, the best of three answers is taken.
 */
import type { ChatCompletion } from "./ports.ts";

export const FIRST_MESSAGE_TRIES = 3;

const REQUIRED_CALLS = ["send_message", "archival_memory_search"];
/** What a monologue has in it when the model has written its call into it. */
const MISPLACED = /[(){}[\]"]|functions|send_message/;

/** 2: correct. 1: calls what it must, but thinks wrongly. 0: calls something else, or nothing. */
export function gradeFirstMessage(answer: ChatCompletion, requireMonologue: boolean): 0 | 1 | 2 {
  const calls = answer.tool_calls.map((call) => call.function.name);
  if (!calls.some((name) => REQUIRED_CALLS.includes(name))) return 0;
  const monologue = answer.content ?? "";
  if (requireMonologue && monologue.trim() === "") return 1;
  return MISPLACED.test(monologue) ? 1 : 2;
}
