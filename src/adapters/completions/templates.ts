/**
 * How the models that MemGPT 0.3.5 has wrappers for want a conversation printed: the marks around
 * system text, people, the agent and function results. Marks are protocol and exact. What stands in
 * the turns is `render-prompt.ts`'s.
 */

export interface Template {
  /** The head of the prompt. */
  system(text: string): string;
  /** Stands once between head and conversation. */
  conversation: string;
  user(speaker: string | undefined, text: string): string;
  /** What nobody said: heartbeats, alerts, instructions in mid-conversation. */
  event(text: string): string;
  assistant(text: string): string;
  /** A call: JSON, on lines of its own. */
  call(json: string): string;
  result(text: string): string;
  /** Opens the answer. */
  answer: string;
  /** Where the model has gone past its answer. */
  stop: readonly string[];
  /** Finds, in a text from outside, what would be read as a mark; a blank is put after each match. */
  marks: RegExp;
}

/** Marks stand at the beginnings of lines (airoboros-l2-70b-2.1). */
export const AIROBOROS: Template = {
  system: (text) => text,
  conversation: "\n### INPUT",
  user: (speaker, text) => `\nUSER${speaker === undefined ? "" : ` (${speaker})`}: ${text}`,
  event: (text) => `\nUSER: ${text}`,
  assistant: (text) => `\nASSISTANT: ${text}`,
  call: (json) => `\nASSISTANT:\n${json}`,
  result: (text) => `\nFUNCTION RETURN: ${text}`,
  answer: "\n### RESPONSE\nASSISTANT:",
  // "\n### " alone, as the original has it, would cut the headings of a plain agent's answer.
  stop: [
    "\nUSER:",
    "\nUSER (",
    "\nASSISTANT:",
    "\nFUNCTION RETURN:",
    "\n### INPUT",
    "\n### RESPONSE",
  ],
  marks: /^(?=(?:USER|ASSISTANT|FUNCTION RETURN)(?: \([^)\n]*\))?:|### (?:INPUT|RESPONSE)\b)/gm,
};

/** Roles that a speaker's name must not become. */
const OWN_ROLES: ReadonlySet<string> = new Set([
  "system",
  "assistant",
  "function",
  "tool",
  "developer",
]);

/** Roles in `<|im_start|>`; a speaker's name is the role, lower-cased. */
export const CHATML: Template = {
  system: (text) => chatmlTurn("system", text).trimStart(),
  conversation: "",
  user: (speaker, text) => chatmlTurn(chatmlRole(speaker), text),
  event: (text) => chatmlTurn("user", text),
  assistant: (text) => chatmlTurn("assistant", text),
  call: (json) => chatmlTurn("assistant", json),
  result: (text) => chatmlTurn("assistant", `FUNCTION RETURN:\n${text}`),
  answer: "\n<|im_start|>assistant",
  stop: ["<|im_start|>", "<|im_end|>", "<|im_sep|>", "\nFUNCTION RETURN:"],
  marks: /<(?=\|im_(?:start|end|sep)\|>)/g,
};

/** `chatml-noforce-roles`: results and events have roles of their own. */
export const CHATML_ROLES: Template = {
  ...CHATML,
  event: (text) => chatmlTurn("system", text),
  result: (text) => chatmlTurn("function", text),
};

/** ChatML's marks with plain words between them (dolphin-2.1-mistral-7b). */
export const DOLPHIN: Template = {
  ...CHATML,
  user: (speaker, text) => chatmlTurn("user", named(speaker, text)),
  result: (text) => chatmlTurn("assistant", `FUNCTION RETURN: ${text}`),
};

/** zephyr-7B, alpha and beta. */
export const ZEPHYR: Template = {
  system: (text) => zephyrTurn("system", text).trimStart(),
  conversation: "",
  user: (speaker, text) => zephyrTurn("user", named(speaker, text)),
  event: (text) => zephyrTurn("user", text),
  assistant: (text) => zephyrTurn("assistant", text),
  call: (json) => zephyrTurn("assistant", json),
  result: (text) => zephyrTurn("assistant", `FUNCTION RETURN: ${text}`),
  answer: "\n<|assistant|>",
  stop: ["</s>", "<|system|>", "<|user|>", "<|assistant|>", "\nFUNCTION RETURN:"],
  marks: /<(?=\/s>|\|(?:system|user|assistant)\|>)/g,
};

function chatmlTurn(role: string, text: string): string {
  return `\n<|im_start|>${role}\n${text.trim()}<|im_end|>`;
}

function zephyrTurn(role: string, text: string): string {
  return `\n<|${role}|>\n${text.trim()}</s>`;
}

function chatmlRole(speaker: string | undefined): string {
  if (speaker === undefined) return "user";
  const role = speaker.trim().toLowerCase();
  return OWN_ROLES.has(role) ? `user_${role}` : role;
}

/** Several people are told apart also where the form has only one role for them. */
function named(speaker: string | undefined, text: string): string {
  return speaker === undefined ? text : `${speaker}: ${text}`;
}
