/** `/save`: a named snapshot of the groupchat's working state, and the MemGPT agent as a file. */
import type { Command, CommandCall } from "../src/channels/command.ts";
import { agentOption, completeAgent, textOption } from "./options.ts";

export const save: Command = {
  name: "save",
  description: "Save the groupchat's state under a name, and a MemGPT agent as a file",
  permission: "manage_channel",
  // The file has everybody's blocks of core memory in it.
  in_private: true,
  options: [
    { type: "string", name: "name", description: "The snapshot's name", required: true },
    agentOption("The MemGPT agent that the file is of, where the channel has several"),
  ],
  help: "`/save name:before the refactor` keeps core memory, the talk in view, the settings and the attached documents under a name; an earlier snapshot of that name is replaced. The groupchat also saves itself after every step; this is for going back.\nThe answer comes with a file: the agent with all that it remembers, to be kept, or taken to another channel with `/load file:`. Whoever has the file can read it, so only you see this answer. Documents are in it by name only.",
  async run(call: CommandCall): Promise<void> {
    const { session } = call;
    const name = await session.saves.save(String(call.options.get("name")));
    const saved = `Saved as "${name}". Bring it back with \`/load name:${name}\`.`;
    if (!session.agents().some((one) => one.kind === "memgpt")) {
      await call.reply(saved);
      return;
    }
    const { agent, text } = await session.saves.exportAgent(textOption(call, "agent").agent);
    await call.reply(
      `${saved} The file is ${agent} with all that it remembers; \`/load file:\` takes it in, here or elsewhere.`,
      { file: { name: `${agent}.colloquy.json`, bytes: new TextEncoder().encode(text) } },
    );
  },
  async complete(call) {
    return completeAgent(call);
  },
};
