import { expect, it } from "vitest";
import { contextWindowOf } from "../../../src/adapters/model-http/context-windows.ts";

it.each([
  ["gpt-4", 8192],
  ["gpt-4-0613", 8192],
  ["gpt-4-32k", 32_768],
  ["gpt-4-32k-0613", 32_768],
  ["gpt-4-1106-preview", 128_000],
  ["gpt-3.5-turbo", 4096],
  ["gpt-3.5-turbo-16k", 16_385],
  ["gpt-3.5-turbo-1106", 16_385],
  ["gpt-35-turbo-16k", 16_385],
  ["GPT-4o-2024-11-20", 128_000],
  ["openai/gpt-4.1-mini", 1_047_576],
  ["ft:gpt-3.5-turbo-1106:my-org::id", 16_385],
  ["ft:gpt-4o-mini-2024-07-18:my-org:name:id", 128_000],
  ["gpt-4all", 8192],
  ["local-model", 8192],
])("the window of %s has %i tokens", (model, tokens) => {
  expect(contextWindowOf(model)).toBe(tokens);
});
