/**
 * MemGPT's `agent_autoreply.py`: a MemGPT agent works while a user proxy answers by itself, until the
 * agent says TERMINATE or the proxy has given its last automatic reply. `npm run example:autoreply`
 */
import {
  createMemgptAutogenAgentFromConfig,
  GroupChat,
  GroupChatManager,
  UserProxyAgent,
} from "../src/autogen/index.ts";
import { onStage } from "./stage.ts";

await onStage(async ({ USE_OPENAI, llm, runtime, print, askHuman }) => {
  const user_proxy = new UserProxyAgent({
    name: "User_proxy",
    system_message: "A human admin.",
    human_input_mode: "TERMINATE",
    max_consecutive_auto_reply: 3,
    default_auto_reply:
      "You are on your own: find out all that you need. Nobody answers until you say `TERMINATE` to end the conversation.",
    is_termination_msg: ({ content }) => content?.trimEnd().endsWith("TERMINATE") ?? false,
    get_human_input: askHuman,
  });

  const memgpt_agent = await createMemgptAutogenAgentFromConfig(
    "MemGPT_agent",
    {
      system_message: "I am MemGPT_agent. I finish what I am asked for without asking back.",
      interface_kwargs: { show_inner_thoughts: USE_OPENAI },
      default_auto_reply: "...",
      skip_verify: !USE_OPENAI,
    },
    runtime,
  );

  const groupchat = new GroupChat({
    agents: [user_proxy, memgpt_agent],
    messages: [],
    max_round: 12,
    speaker_selection_method: "round_robin",
  });
  const manager = new GroupChatManager({ groupchat, llm });
  const { reason } = await user_proxy.initiateChat(manager, {
    message: "Write a short plan for a small vegetable garden, and remember it.",
    print,
  });
  print(`\nThe chat ended: ${reason}.`);
});
