/**
 * MemGPT's `agent_groupchat.py`: a group chat of a user proxy, a product manager and a MemGPT coder.
 * `npm run example:groupchat`; `USE_OPENAI=false` takes the offline model even where there is a key.
 */
import {
  AssistantAgent,
  createMemgptAutogenAgentFromConfig,
  GroupChat,
  GroupChatManager,
  UserProxyAgent,
} from "../src/autogen/index.ts";
import { onStage } from "./stage.ts";

await onStage(async ({ USE_OPENAI, llm, tokens, runtime, print, askHuman }) => {
  // The user agent: stands in for the person with "...", and asks when the work seems done.
  const user_proxy = new UserProxyAgent({
    name: "User_proxy",
    system_message: "A human admin.",
    human_input_mode: "TERMINATE",
    default_auto_reply: "...",
    is_termination_msg: ({ content }) => content?.trimEnd().endsWith("TERMINATE") ?? false,
    get_human_input: askHuman,
  });

  // An AutoGen agent without MemGPT.
  const pm = new AssistantAgent({
    name: "Product_manager",
    system_message: "Creative in software product ideas.",
    llm,
    tokens,
  });

  // The coder has MemGPT's memory.
  const coder = await createMemgptAutogenAgentFromConfig(
    "MemGPT_coder",
    {
      system_message:
        "I am MemGPT_coder, a very experienced programmer, most at home in Python. I sit in a group chat with a person (User_proxy) and a product manager (Product_manager).",
      interface_kwargs: {
        debug: false,
        show_inner_thoughts: USE_OPENAI,
        show_function_outputs: false,
      },
      default_auto_reply: "...",
      skip_verify: !USE_OPENAI,
      auto_save: false,
    },
    runtime,
  );

  const groupchat = new GroupChat({
    agents: [user_proxy, pm, coder],
    messages: [],
    max_round: 12,
    speaker_selection_method: "round_robin",
  });
  const manager = new GroupChatManager({ groupchat, llm });

  const { reason } = await user_proxy.initiateChat(manager, {
    message:
      "I want to design an app to make me one million dollars in one month. Yes, your heard that right.",
    print,
  });
  print(`\nThe chat ended: ${reason}.`);
});
