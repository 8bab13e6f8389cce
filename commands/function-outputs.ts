/** `/function-outputs`: whether people see the MemGPT agent's function calls and results here. */
import { visibilityCommand } from "./visibility.ts";

export const functionOutputs = visibilityCommand({
  name: "function-outputs",
  setting: "show_function_outputs",
  what: "function calls and their results",
  help: "Function calls are how the agent edits and searches its memory. Shown, they stand in small grey lines under its voice. Other agents never see them. The choice is kept for this channel.",
});
