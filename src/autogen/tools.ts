/**
 * A function that one agent's model may call and another agent runs: name, description, parameters as
 * a zod object or a JSON schema, and the code (AutoGen's `register_for_llm`, `register_for_execution`
 * and `register_function`).
 */
import { toJSONSchema, type z } from "zod";
import type { ToolParameters, ToolSchema } from "../memgpt/ports.ts";
import type { ConversableAgent } from "./conversable-agent.ts";
import { AutogenError } from "./errors.ts";
import type { AgentFunction } from "./tool-execution.ts";

type Context = Parameters<AgentFunction>[1];

export interface AgentTool {
  name: string;
  /** What the model is told; needed where a model may call it. */
  description?: string;
  /** Arguments are checked by a zod object before the code sees them; a JSON schema only tells. */
  parameters: z.ZodObject | ToolParameters;
  execute: AgentFunction;
}

/** A tool whose code gets its arguments in the types of its zod object. */
export function tool<S extends z.ZodObject>(definition: {
  name: string;
  description?: string;
  parameters: S;
  execute: (args: z.output<S>, context: Context) => unknown;
}): AgentTool {
  return {
    ...definition,
    execute: (args, context) => definition.execute(args as z.output<S>, context),
  };
}

/** One tool for `caller`'s model to call and for `executor` to run. */
export function registerFunction(
  definition: AgentTool,
  options: {
    caller: ConversableAgent;
    executor: ConversableAgent;
    name?: string;
    description?: string;
  },
): void {
  const { caller, executor, ...words } = options;
  caller.registerForLlm(definition, words);
  executor.registerForExecution(definition, words);
}

/** The tool as models are told of it. Throws `invalid_option` without a description or a fit name. */
export function toolSchema(definition: AgentTool): ToolSchema {
  const { description } = definition;
  const name = checkedFunctionName(definition.name);
  if (!description) {
    throw new AutogenError("invalid_option", "Function description is required, none found.", {
      next: `Say in \`description\` what ${name} does and when to call it.`,
    });
  }
  const parameters = jsonSchema(definition.parameters);
  return { type: "function", function: { name, description, parameters } };
}

/** The tool's code behind its schema: wrong arguments never reach it. */
export function toolFunction({ parameters, execute }: AgentTool): AgentFunction {
  if (!isZod(parameters)) return execute;
  return async (args, context) => {
    const checked = await parameters.safeParseAsync(args);
    if (checked.success) return execute(checked.data, context);
    const faults = checked.error.issues.map(
      ({ path, message }) => `${path.length > 0 ? path.join(".") : "arguments"}: ${message}`,
    );
    throw new Error(faults.join("; "));
  };
}

export function checkedFunctionName(name: string): string {
  if (/^[a-zA-Z0-9_-]{1,64}$/.test(name)) return name;
  throw new AutogenError("invalid_option", `Invalid name: ${JSON.stringify(name)}`, {
    why: "Only letters, numbers, '_' and '-' are allowed, 64 characters at most",
  });
}

function jsonSchema(parameters: AgentTool["parameters"]): ToolParameters {
  if (!isZod(parameters)) return parameters;
  const { $schema: _schema, ...rest } = toJSONSchema(parameters, { io: "input" });
  return rest as unknown as ToolParameters;
}

function isZod(parameters: AgentTool["parameters"]): parameters is z.ZodObject {
  return "safeParseAsync" in parameters;
}
