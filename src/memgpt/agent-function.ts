/**
 * What a function is that the model may call: its schema, and what it does within the agent. The
 * base functions are in base-functions.ts; others can be added beside them.
 */
import type { AbortSignalLike } from "../shared/abort.ts";
import { ColloquyError } from "../shared/errors.ts";
import type { ArchivalMemory } from "./archival-memory.ts";
import type { CoreMemory } from "./core-memory.ts";
import type { ToolParameters, ToolSchema } from "./ports.ts";
import type { RecallMemory } from "./recall-memory.ts";

/** Checked against the schema: required ones are there, each has its type. Absent optionals are absent. */
export type FunctionArguments = ReadonlyMap<string, unknown>;

export interface FunctionContext {
  core: CoreMemory;
  recall: RecallMemory;
  archival: ArchivalMemory;
  /** Milliseconds since the epoch. */
  now: number;
  /** Puts a text before the people. */
  say(message: string): void;
  /** Tells the people what was written to memory, in a line. */
  receipt(text: string): void;
  /** Somebody who is not to be remembered takes part: nothing may be written to memory. */
  off_record: boolean;
  signal?: AbortSignalLike;
}

export interface AgentFunction {
  schema: ToolSchema;
  /** True for searches: their results page themselves and are never cut. */
  whole_output?: boolean;
  /**
   * The result for the model; null reads "None". A `ColloquyError` thrown here is told to the model
   * in its own words, any other error only as a failure.
   */
  run(args: FunctionArguments, context: FunctionContext): Promise<string | null> | string | null;
}

export function textArgument(args: FunctionArguments, name: string): string {
  const value = args.get(name);
  return typeof value === "string" ? value : "";
}

export function integerArgument(args: FunctionArguments, name: string, fallback: number): number {
  const value = args.get(name);
  return typeof value === "number" ? value : fallback;
}

/** A fault in what the model asked for; the message is for the model. */
export function argumentError(message: string): ColloquyError {
  return new ColloquyError("function_arguments", message);
}

/** What people who opted out were promised is kept here, whatever the model was talked into. */
export function checkOnRecord({ off_record }: FunctionContext): void {
  if (!off_record) return;
  throw argumentError(
    "nothing may be saved from this exchange, because somebody in it does not want to be remembered",
  );
}

type Properties = ToolParameters["properties"];

/** A function whose schema has `request_heartbeat` exactly when `required` names it. */
export function define(
  name: string,
  description: string,
  properties: Properties,
  required: readonly string[],
  run: AgentFunction["run"],
): AgentFunction {
  const heartbeat: Properties = required.includes("request_heartbeat")
    ? {
        request_heartbeat: {
          type: "boolean",
          description:
            "Set it to true to be called again right after the function has run, so that you can use its result or call another.",
        },
      }
    : {};
  const parameters = {
    type: "object" as const,
    properties: { ...properties, ...heartbeat },
    required,
  };
  return { schema: { type: "function", function: { name, description, parameters } }, run };
}
