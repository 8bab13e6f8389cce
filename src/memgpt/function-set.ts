/**
 * The functions of one agent: those of its preset, out of the base set and the extras that are
 * switched on. A preset may name extras that are off; they are left out, and the log says so.
 */
import { BASE_FUNCTIONS } from "./base-functions.ts";
import { EXTRA_FUNCTIONS, extraFunctions } from "./extra-functions.ts";
import { FunctionTable } from "./function-call.ts";
import type { MemgptAgentOptions, MemgptRuntime } from "./runtime.ts";

/** Throws `function_unknown` as `FunctionTable` does. */
export function functionsOf(
  { owner, functions }: Pick<MemgptAgentOptions, "owner" | "functions">,
  { extras = {}, model, logger }: Pick<MemgptRuntime, "extras" | "model" | "logger">,
): FunctionTable {
  const available = [...BASE_FUNCTIONS, ...extraFunctions(extras, { owner, model })];
  const names = new Set(available.map((one) => one.schema.function.name));
  const off = functions.filter((name) => EXTRA_FUNCTIONS.has(name) && !names.has(name));
  if (off.length > 0) {
    logger.info("functions of the preset are left out, because they are off", {
      functions: off.join(", "),
    });
  }
  return new FunctionTable(
    functions.filter((name) => !off.includes(name)),
    available,
    logger,
  );
}
