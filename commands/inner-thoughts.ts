/** `/inner-thoughts`: whether people see the MemGPT agent's inner monologue here. */
import { visibilityCommand } from "./visibility.ts";

export const innerThoughts = visibilityCommand({
  name: "inner-thoughts",
  setting: "show_inner_thoughts",
  what: "inner thoughts",
  help: "Inner thoughts are the agent's monologue on its way to an answer. Shown, they stand in small grey lines under its voice. Other agents never see them. The choice is kept for this channel.",
});
