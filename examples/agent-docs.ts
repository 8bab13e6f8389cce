/**
 * MemGPT's `agent_docs.py`: a MemGPT agent answers from a document in its archival memory.
 * `npm run example:docs -- memgpt_research_paper.pdf`
 */
import { basename, extname } from "node:path";
import {
  createMemgptAutogenAgentFromConfig,
  GroupChat,
  GroupChatManager,
  UserProxyAgent,
} from "../src/autogen/index.ts";
import { type Logger, silentLogger } from "../src/shared/logger.ts";
import { onStage } from "./stage.ts";

const warnsBy = (print: (text: string) => void): Logger => ({
  ...silentLogger,
  warn: (message) => print(`${message}\n`),
});
const path = process.argv[2] ?? "memgpt_research_paper.pdf";
const question =
  process.argv[3] ?? "Tell me what virtual context in MemGPT is. Search your archival memory.";

await onStage(async ({ USE_OPENAI, llm, runtime, print, askHuman, attachFile }) => {
  const user_proxy = new UserProxyAgent({
    name: "User_proxy",
    system_message: "A human admin.",
    human_input_mode: "TERMINATE",
    default_auto_reply: "...",
    is_termination_msg: ({ content }) => content?.trimEnd().endsWith("TERMINATE") ?? false,
    get_human_input: askHuman,
  });

  const memgpt_agent = await createMemgptAutogenAgentFromConfig(
    "MemGPT_agent",
    {
      system_message: "I am MemGPT_agent. I answer questions from the documents in my memory.",
      // What the agent thinks and does becomes part of what the others hear, as in the original.
      interface_kwargs: {
        show_inner_thoughts: true,
        show_function_outputs: false,
        share_with_agents: true,
      },
      default_auto_reply: "...",
      // Its first step is a search, not send_message.
      skip_verify: true,
    },
    runtime,
  );
  await attachFile(memgpt_agent, path, basename(path, extname(path)));

  const groupchat = new GroupChat({
    agents: [user_proxy, memgpt_agent],
    messages: [],
    max_round: 12,
    // Two who may repeat: AutoGen advises to let them talk directly.
    logger: warnsBy(print),
  });
  const manager = new GroupChatManager({ groupchat, ...(USE_OPENAI ? { llm } : {}) });
  const { reason } = await user_proxy.initiateChat(manager, { message: question, print });
  print(`\nThe chat ended: ${reason}.`);
});
