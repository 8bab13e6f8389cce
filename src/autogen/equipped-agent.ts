/**
 * The part of an agent that is the same whoever it talks with: its model and what that costs, the
 * functions that the model may call, and the functions that the agent runs for others.
 */
import type { ChatModel, ToolSchema } from "../memgpt/ports.ts";
import { type Logger, silentLogger } from "../shared/logger.ts";
import type { ConversableAgentOptions } from "./agent-options.ts";
import { AutogenError } from "./errors.ts";
import type { FunctionCall } from "./message.ts";
import { type AgentFunction, type ExecutionOptions, executeFunction } from "./tool-execution.ts";
import { type AgentTool, checkedFunctionName, toolFunction, toolSchema } from "./tools.ts";
import { formatUsage, UsageMeter, type UsageMode, type UsageSummary } from "./usage.ts";

export abstract class EquippedAgent {
  readonly name: string;
  llm: ChatModel | undefined;
  readonly function_map: Map<string, AgentFunction>;
  readonly tools: ToolSchema[];
  /** What this agent's model used and cost since the agent was made. */
  readonly usage: UsageMeter;
  readonly #logger: Logger;

  constructor(options: ConversableAgentOptions) {
    this.name = options.name;
    this.llm = options.llm || undefined;
    this.function_map = toMap(options.function_map);
    this.tools = [...(options.tools ?? [])];
    this.#logger = options.logger ?? silentLogger;
    this.usage = options.usage ?? new UsageMeter(this.#logger);
  }

  /** Adds, or with null removes, functions that this agent runs. */
  registerFunction(functions: Readonly<Record<string, AgentFunction | null>>): void {
    for (const [name, run] of Object.entries(functions)) {
      checkedFunctionName(name);
      if (run !== null) {
        if (this.function_map.has(name)) this.#overriding(name);
        this.function_map.set(name, run);
      } else if (!this.function_map.delete(name)) {
        this.#logger.warn(`The function ${name} to remove doesn't exist`);
      }
    }
  }

  /** Runs one call; failures become texts for the model. Rejects only when the signal is aborted. */
  async executeFunction(
    func_call: FunctionCall,
    options: ExecutionOptions = {},
  ): Promise<[ok: boolean, result: { name: string; role: "function"; content: string }]> {
    const { ok, content } = await executeFunction(func_call, this.function_map, options);
    return [ok, { name: func_call.name, role: "function", content }];
  }

  /** Lets this agent's model call the tool; gives it back, so that registrations can be chained. */
  registerForLlm(tool: AgentTool, words: { name?: string; description?: string } = {}): AgentTool {
    if (!this.llm) {
      throw new AutogenError("invalid_option", `${this.name} has no model that could call a tool`, {
        next: "Give the agent its `llm` before registering a function for it.",
      });
    }
    this.updateToolSignature(toolSchema({ ...tool, ...words }));
    return tool;
  }

  /** Lets this agent run the tool when somebody calls it; gives it back. */
  registerForExecution(tool: AgentTool, words: { name?: string } = {}): AgentTool {
    this.registerFunction({ [words.name ?? tool.name]: toolFunction(tool) });
    return tool;
  }

  /** Adds a schema, in the place of one of its name, or with `is_remove` takes it out. */
  updateToolSignature(schema: ToolSchema | string, options: { is_remove?: boolean } = {}): void {
    const name = typeof schema === "string" ? schema : checkedFunctionName(schema.function.name);
    const index = this.tools.findIndex((one) => one.function.name === name);
    if (options.is_remove || typeof schema === "string") {
      if (index < 0) throw new AutogenError("invalid_option", `${this.name} has no tool ${name}`);
      this.tools.splice(index, 1);
    } else if (index >= 0) {
      this.#overriding(name);
      this.tools[index] = schema;
    } else {
      this.tools.push(schema);
    }
  }

  #overriding(name: string): void {
    this.#logger.warn(`Function '${name}' is being overridden.`);
  }

  /** Whether this agent runs all of these functions. */
  canExecuteFunction(names: string | readonly string[]): boolean {
    return (typeof names === "string" ? [names] : names).every((name) =>
      this.function_map.has(name),
    );
  }

  /** What was paid for, without cached answers; undefined where nothing was used. */
  getActualUsage(): UsageSummary | undefined {
    return this.usage.summary("actual");
  }

  /** With cached answers; undefined where nothing was used. */
  getTotalUsage(): UsageSummary | undefined {
    return this.usage.summary("total");
  }

  printUsageSummary(
    print: (block: string) => void,
    mode: UsageMode | readonly UsageMode[] = ["actual", "total"],
  ): void {
    const modes = typeof mode === "string" ? [mode] : mode;
    const known = modes.every((one) => one === "actual" || one === "total");
    if (!known || modes.length === 0) {
      throw new AutogenError("invalid_option", `Invalid mode: ${JSON.stringify(mode)}`, {
        next: 'Choose from "actual", "total", ["actual", "total"].',
      });
    }
    print(formatUsage(this.name, this.usage, modes));
  }
}

function toMap(functions: ConversableAgentOptions["function_map"]): Map<string, AgentFunction> {
  const map = new Map(functions instanceof Map ? functions : Object.entries(functions ?? {}));
  for (const name of map.keys()) checkedFunctionName(name);
  return map;
}
