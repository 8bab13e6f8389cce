/**
 * Tells Discord the bot's commands, all at once, and only when they changed: Discord limits how
 * often commands are made, and clients reload them.
 */
import type { Command } from "../channels/command.ts";
import { commandJson, isRegistered } from "./command-json.ts";
import type { DiscordApi } from "./discord-api.ts";
import { addToMemoryJson } from "./message-files.ts";

/** Resolves with whether anything had to be told. */
export async function registerCommands(
  api: Pick<DiscordApi, "commands" | "putCommands">,
  applicationId: string,
  commands: readonly Command[],
): Promise<boolean> {
  const wanted = [...commands.map(commandJson), addToMemoryJson];
  if (isRegistered(wanted, await api.commands(applicationId))) return false;
  await api.putCommands(applicationId, wanted);
  return true;
}
