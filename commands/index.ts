/** All slash commands, in the order that `/help` and Discord show them. */
import type { Command } from "../src/channels/command.ts";
import { agents } from "./agents.ts";
import { attach } from "./attach.ts";
import { forget } from "./forget.ts";
import { functionOutputs } from "./function-outputs.ts";
import { groupchat } from "./groupchat.ts";
import { help } from "./help.ts";
import { innerThoughts } from "./inner-thoughts.ts";
import { load } from "./load.ts";
import { memory } from "./memory.ts";
import { save } from "./save.ts";
import { sources } from "./sources.ts";
import { streaming } from "./streaming.ts";

export const commands: readonly Command[] = [
  help,
  groupchat,
  agents,
  attach,
  sources,
  memory,
  forget,
  innerThoughts,
  functionOutputs,
  streaming,
  save,
  load,
];
