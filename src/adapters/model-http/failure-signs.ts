/**
 * What servers write when something particular is wrong; their status alone does not tell. Lower case.
 */

/** Ways to say "too long" of OpenAI, Azure, vLLM, llama.cpp, LM Studio, text-generation-webui. */
export const OVERFLOW_SIGNS = [
  "context_length_exceeded",
  "exceed_context_size",
  "maximum context length",
  "context length exceeded",
  "available context size",
  "context size has been exceeded",
  "context size exceeded",
  "exceed context window",
  "exceeds the context window",
  "when context the overflows",
  "context overflow",
  "prompt is too long",
  "reduce the length of the messages",
];

export const QUOTA_SIGNS = [
  "insufficient_quota",
  "exceeded your current quota",
  "billing_hard_limit",
];

/** Ways to refuse tools: of Ollama, llama.cpp and vLLM. */
export const NO_TOOLS_SIGNS = [
  "does not support tools",
  "tools param requires --jinja",
  "enable-auto-tool-choice",
];
