/**
 * One call to the model of a new configuration, and what came of it in words.
 */
import type { AppConfig } from "../../config/config.ts";
import { RandomIds, SystemClock } from "../adapters/system/system-clock.ts";
import { buildModels } from "../app-models.ts";
import type { ToolSchema } from "../memgpt/ports.ts";
import { explainError } from "../shared/errors.ts";
import type { Logger } from "../shared/logger.ts";

export interface Trial {
  ok: boolean;
  /** For people: what happened, and what to do where it did not work. */
  words: string;
}

const SEND_MESSAGE: ToolSchema = {
  type: "function",
  function: {
    name: "send_message",
    description: "Says something to the people. It is the only way to be heard.",
    parameters: {
      type: "object",
      properties: { message: { type: "string", description: "What to say." } },
      required: ["message"],
    },
  },
};

const SILENT: Logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => SILENT };

/** Asks the MemGPT agents' model to greet by calling a function, which is what it will live on. */
export async function tryModel(config: AppConfig): Promise<Trial> {
  const clock = new SystemClock();
  const { memgpt } = await buildModels(config, { clock, ids: new RandomIds(), logger: SILENT });
  const start = clock.monotonic();
  try {
    const answer = await memgpt.complete({
      messages: [
        { role: "system", content: "You are being tried out. You speak by calling send_message." },
        { role: "user", content: "Say hello in one short sentence." },
      ],
      tools: [SEND_MESSAGE],
    });
    const seconds = ((clock.monotonic() - start) / 1000).toFixed(1);
    const call = answer.tool_calls.find(({ function: { name } }) => name === "send_message");
    if (call) {
      const said = shown(messageIn(call.function.arguments));
      return {
        ok: true,
        words: `It works: ${answer.model} called send_message after ${seconds} s: ${said}`,
      };
    }
    return {
      ok: false,
      words: [
        `${answer.model} answered after ${seconds} s, but called no function: ${shown(answer.content ?? "")}`,
        "A MemGPT agent lives on function calls. Choose a model that is good at them, or name another",
        "model_wrapper (airoboros-l2-70b-2.1 or chatml) in config/models.yaml, or run this again.",
      ].join("\n"),
    };
  } catch (error) {
    return { ok: false, words: `It does not work yet. ${explainError(error)}` };
  }
}

function messageIn(json: string): string {
  try {
    const value: unknown = JSON.parse(json);
    return String((value as { message?: unknown } | null)?.message ?? json);
  } catch {
    return json;
  }
}

/** One line, short. */
function shown(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return `"${line.length > 120 ? `${line.slice(0, 120)}…` : line}"`;
}
