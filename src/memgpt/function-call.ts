/**
 * One path for every function call: parse what the model wrote, check it against the schema, run
 * it, and put the outcome into words for the model. Whatever is wrong, the model gets a result and
 * nothing is thrown (MemGPT 0.3.5 `Agent.handle_ai_response`).
 */
import { jsonrepair } from "jsonrepair";
import { ColloquyError, errorCode } from "../shared/errors.ts";
import type { Logger } from "../shared/logger.ts";
import {
  type AgentFunction,
  argumentError,
  type FunctionArguments,
  type FunctionContext,
} from "./agent-function.ts";
import { clipText, sliceText } from "./clip-text.ts";
import { parseObject } from "./packaging.ts";
import type { ToolCall, ToolSchema } from "./ports.ts";

/** MemGPT's `FUNCTION_RETURN_CHAR_LIMIT`. */
export const FUNCTION_OUTPUT_LIMIT = 3000;

/** A call as it goes into the history: a name and arguments that every backend takes back. */
export interface ParsedCall {
  call: ToolCall;
  /** As the model wrote it. */
  name: string;
  /** Everything it wrote but `request_heartbeat`; undefined when that was no JSON object. */
  args: Readonly<Record<string, unknown>> | undefined;
  /** Exactly `true`, nothing that looks like it. */
  request_heartbeat: boolean;
}

export interface FunctionOutcome {
  ok: boolean;
  text: string;
}

/** `id` replaces the model's, which need not be unique in a conversation. */
export function parseCall(raw: ToolCall, id: string): ParsedCall {
  const { name } = raw.function;
  const written = parseObject(raw.function.arguments) ?? parseRepaired(raw.function.arguments);
  const wire = name.replace(/[^A-Za-z0-9_-]+/g, "_").slice(0, 64) || "unknown";
  const call: ToolCall = {
    id,
    type: "function",
    function: { name: wire, arguments: JSON.stringify(written ?? {}) },
  };
  if (!written) return { call, name, args: undefined, request_heartbeat: false };
  const { request_heartbeat, ...args } = written;
  return { call, name, args, request_heartbeat: request_heartbeat === true };
}

function parseRepaired(text: string): Record<string, unknown> | undefined {
  if (text.trim() === "") return {};
  try {
    return parseObject(jsonrepair(text));
  } catch {
    return undefined;
  }
}

/** The functions of one agent, by name. */
export class FunctionTable {
  readonly schemas: readonly ToolSchema[];
  readonly #functions: ReadonlyMap<string, AgentFunction>;
  readonly #logger: Logger;

  /** Throws `function_unknown` for a name that `available` lacks, or when `send_message` is left out. */
  constructor(
    names: readonly string[],
    available: readonly AgentFunction[],
    logger: Logger,
    mute = false,
  ) {
    const byName = new Map(available.map((f) => [f.schema.function.name, f]));
    const wanted = new Set(mute ? byName.keys() : names);
    const unknown = names.filter((name) => !byName.has(name));
    if (unknown.length > 0 || !(mute || wanted.has("send_message"))) {
      throw new ColloquyError("function_unknown", functionFault(unknown), {
        next: `There are: ${[...byName.keys()].join(", ")}.`,
      });
    }
    this.#functions = new Map([...byName].filter(([name]) => wanted.has(name)));
    this.schemas = [...this.#functions.values()].map((f) => f.schema);
    this.#logger = logger;
  }

  /** A table for work that nobody hears: these functions, and no `send_message`. */
  static withoutVoice(functions: readonly AgentFunction[], logger: Logger): FunctionTable {
    return new FunctionTable([], functions, logger, true);
  }

  async execute(
    parsed: ParsedCall,
    raw: string,
    context: FunctionContext,
  ): Promise<FunctionOutcome> {
    const { name } = parsed;
    const known = this.#functions.get(name);
    if (!known) return { ok: false, text: `No function named ${clipText(name, 64)}` };
    if (!parsed.args) {
      const text = `Error parsing JSON for function '${name}' arguments: ${clipText(raw, 300)}`;
      return { ok: false, text };
    }
    try {
      const args = checkArguments(known.schema, parsed.args);
      const result = (await known.run(args, context)) ?? "None";
      return { ok: true, text: known.whole_output ? result : truncate(result) };
    } catch (error) {
      return { ok: false, text: `Error calling function ${name}: ${this.#reason(name, error)}` };
    }
  }

  #reason(name: string, error: unknown): string {
    if (error instanceof ColloquyError) {
      return truncate([error.message, error.why, error.next].filter(Boolean).join(" "));
    }
    // An unknown error's text may hold what no model should see.
    this.#logger.error("a function failed", { function: name, code: errorCode(error), error });
    return "it failed inside the bot, and the log has the cause";
  }
}

/** Throws for unknown, missing and mistyped arguments, in the model's terms. */
export function checkArguments(
  schema: ToolSchema,
  args: Readonly<Record<string, unknown>>,
): FunctionArguments {
  const { properties, required = [] } = schema.function.parameters;
  const checked = new Map<string, unknown>();
  for (const [key, value] of Object.entries(args)) {
    if (key === "request_heartbeat" || !Object.hasOwn(properties, key)) {
      throw argumentError(`got an unexpected argument '${clipText(key, 64)}'`);
    }
    const optional = !required.includes(key);
    const checkedValue = checkValue(key, properties[key]?.type, value, optional);
    if (checkedValue !== undefined) checked.set(key, checkedValue);
  }
  const missing = required.filter((key) => key !== "request_heartbeat" && !checked.has(key));
  if (missing.length > 0) {
    throw argumentError(`missing required argument ${missing.map((m) => `'${m}'`).join(", ")}`);
  }
  return checked;
}

/** undefined stands for an optional argument that was left open (null, "none"). */
function checkValue(key: string, type: unknown, value: unknown, optional: boolean): unknown {
  if (optional && value === null) return undefined;
  if (type === "string") {
    if (typeof value === "string") return value;
    throw argumentError(`'${key}' argument must be a string`);
  }
  if (type === "integer") {
    const text = typeof value === "string" ? value.trim().toLowerCase() : undefined;
    if (optional && (text === "none" || text === "null" || text === "")) return undefined;
    const number = text !== undefined && /^[+-]?\d{1,9}$/.test(text) ? Number(text) : value;
    if (Number.isSafeInteger(number)) return number;
    throw argumentError(`'${key}' argument must be an integer`);
  }
  if (typeof value === type) return value;
  throw argumentError(`'${key}' argument must be a ${String(type)}`);
}

function truncate(text: string): string {
  if (text.length <= FUNCTION_OUTPUT_LIMIT) return text;
  const cut = sliceText(text, 0, FUNCTION_OUTPUT_LIMIT);
  return `${cut}... [NOTE: function output was truncated since it exceeded the character limit (${text.length} > ${FUNCTION_OUTPUT_LIMIT})]`;
}

function functionFault(unknown: readonly string[]): string {
  return unknown.length > 0
    ? `The preset names functions that do not exist: ${unknown.join(", ")}.`
    : "The preset leaves out send_message, so the agent could never speak.";
}
