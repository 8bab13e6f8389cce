import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as api from "../../src/autogen/index.ts";
import { chained, table } from "./table.ts";

const text = readFileSync(new URL("../../docs/autogen-api.md", import.meta.url), "utf8");

/** A method's name in Python to the one here: `a_` twins are one. */
function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_all, letter: string) => letter.toUpperCase());
}

describe("the API", () => {
  it.each(Object.keys(api))("has %s in its page", (name) => {
    expect(text).toMatch(new RegExp(`\\b${name}\\b`));
  });

  it.each([
    ...["send", "receive", "generate_reply", "initiate_chat", "initiate_chats", "last_message"],
    ...["register_reply", "replace_reply_func", "register_hook", "register_nested_chats"],
    ...["register_for_llm", "register_for_execution", "register_function"],
    ...["update_tool_signature", "can_execute_function", "execute_function"],
    ...["update_system_message", "max_consecutive_auto_reply", "get_human_input", "reset"],
    ...["update_max_consecutive_auto_reply", "reset_consecutive_auto_reply_counter"],
    ...["clear_history", "stop_reply_at_receive", "chat_messages_for_summary"],
    ...["get_actual_usage", "get_total_usage", "print_usage_summary"],
  ])("has ConversableAgent.%s in camelCase", (name) => {
    expect(chained("A")).toHaveProperty(camelCase(name), expect.any(Function));
    expect(text).toContain(`\`${camelCase(name)}`);
  });

  it.each([
    ...["agent_by_name", "nested_agents", "next_agent", "select_speaker", "append", "reset"],
    ...["select_speaker_msg", "select_speaker_prompt", "introductions_msg"],
    ...["manual_select_speaker", "random_select_speaker"],
  ])("has GroupChat.%s in camelCase", (name) => {
    expect(table([chained("A")]).groupchat).toHaveProperty(camelCase(name), expect.any(Function));
    expect(text).toContain(`\`${camelCase(name)}`);
  });

  it.each(["run_chat", "resume", "messages_from_string", "messages_to_string"])(
    "has GroupChatManager.%s in camelCase",
    (name) => {
      expect(table([chained("A")])).toHaveProperty(camelCase(name), expect.any(Function));
      expect(text).toContain(`\`${camelCase(name)}`);
    },
  );

  it("has AutoGen's data under its own names", () => {
    const [agent, manager] = [chained("A"), table([chained("B")])];
    for (const name of ["name", "description", "system_message", "chat_messages", "function_map"]) {
      expect(agent).toHaveProperty(name);
    }
    expect(manager.last_speaker).toBe(manager);
    for (const name of ["agents", "messages", "max_round", "admin_name", "agent_names"]) {
      expect(manager.groupchat).toHaveProperty(name);
    }
  });

  it("keeps the names it had before", () => {
    const [agent, manager] = [chained("A"), table([chained("B")])];
    expect(manager.groupchat.agentNames).toEqual(["B"]);
    expect(manager.lastSpeaker).toBe(manager);
    manager.groupchat.appendMessage("hi", agent);
    expect(manager.groupchat.messages.at(-1)).toMatchObject({ name: "A", content: "hi" });
  });
});
