import { describe, expect, it } from "vitest";
import {
  ConversableAgent,
  initiateChats,
  type MessageContext,
  UserProxyAgent,
} from "../../src/autogen/index.ts";
import { ModelError } from "../../src/shared/errors.ts";
import { ScriptedChatModel } from "../fakes/scripted-chat-model.ts";
import { chained, table, talker } from "./table.ts";

describe("the opening message", () => {
  it("carries over a text, or texts and messages, under the word Context", async () => {
    const [a, b] = [chained("A"), chained("B")];
    const one = await a.initiateChat(b, { message: "Do it", carryover: "It rains.", max_turns: 1 });
    expect(one.chat_history[0]?.content).toBe("Do it\nContext: \nIt rains.");
    const list = ["It rains.", { content: "It pours." }, 3];
    const two = await a.initiateChat(b, { message: "Do it", carryover: list, max_turns: 1 });
    expect(two.chat_history[0]?.content).toBe("Do it\nContext: \nIt rains.\nIt pours.\n3");
  });

  it("carries over behind a message's content too, and leaves the caller's object alone", async () => {
    const message = { content: "Do it", context: { urgent: true } };
    const [a, b] = [chained("A"), chained("B")];
    const { chat_history } = await a.initiateChat(b, { message, carryover: "X", max_turns: 1 });
    expect(chat_history[0]).toMatchObject({
      content: "Do it\nContext: \nX",
      context: { urgent: true },
    });
    expect(message.content).toBe("Do it");
  });

  it("is what a function makes of context and carryover, nothing added", async () => {
    let seen: MessageContext | undefined;
    const [a, b] = [chained("A"), chained("B")];
    const { chat_history } = await a.initiateChat(b, {
      message: (sender, recipient, context) => {
        seen = context;
        return `${sender.name} to ${recipient.name}`;
      },
      context: { problem: 7 },
      carryover: "X",
      max_turns: 1,
    });
    expect(seen).toEqual({ problem: 7, carryover: "X" });
    expect(chat_history[0]?.content).toBe("A to B");
  });

  it("is asked of the person where there is none", async () => {
    const typed = new UserProxyAgent({ name: "U", get_human_input: () => "from the keys" });
    const result = await typed.initiateChat(chained("B"), { max_turns: 1 });
    expect(result.chat_history[0]?.content).toBe("from the keys");
    expect(result.human_input).toEqual(["from the keys"]);
    const away = await new UserProxyAgent({ name: "U" }).initiateChat(chained("B"), {});
    expect(away).toMatchObject({ reason: "floor", chat_history: [] });
  });
});

describe("a chat's summary", () => {
  it("is the model's reflection on the whole talk, by the recipient's model before the sender's", async () => {
    const llm = new ScriptedChatModel(["It went well.", "Briefly: well."]);
    const own = new ScriptedChatModel([]);
    const [a, b] = [chained("A", { llm: own }), chained("B")];
    b.llm = llm;
    b.registerReply(ConversableAgent, () => [true, "done"]);
    const options = { message: "go", max_turns: 1, summary_method: "reflection_with_llm" } as const;
    expect((await a.initiateChat(b, options)).summary).toBe("It went well.");
    const args = { summary_prompt: "In short?", summary_role: "user" } as const;
    expect((await a.initiateChat(b, { ...options, summary_args: args })).summary).toBe(
      "Briefly: well.",
    );
    const [first, second] = llm.requests;
    expect(first?.messages.map(({ content }) => content).slice(0, 2)).toEqual(["go", "done"]);
    expect(first?.messages.at(-1)?.role).toBe("system");
    expect(second?.messages.at(-1)).toEqual({ role: "user", content: "In short?" });
  });

  it("reflects on the group's log, where the recipient is a manager", async () => {
    const llm = new ScriptedChatModel(["All agreed."]);
    const manager = table([talker("A"), talker("B")], { max_round: 3 }, { llm });
    const result = await chained("Ada").initiateChat(manager, {
      message: "go",
      summary_method: "reflection_with_llm",
    });
    expect(result.summary).toBe("All agreed.");
    expect(llm.requests[0]?.messages.map(({ name }) => name)).toEqual(["Ada", "A", "B", undefined]);
  });

  it("is empty where the model refuses the request", async () => {
    const llm = new ScriptedChatModel([new ModelError("bad_request", "No.")]);
    const a = chained("A", { llm });
    const b = talker("B");
    const method = { message: "go", max_turns: 1, summary_method: "reflection_with_llm" } as const;
    expect((await a.initiateChat(b, method)).summary).toBe("");
  });

  it("gives its arguments to a function, is nothing with null, and needs a method that exists", async () => {
    const [a, b] = [chained("A"), chained("B")];
    const counted = await a.initiateChat(b, {
      message: "go",
      max_turns: 1,
      summary_method: (sender, recipient, args) => `${sender.name}${recipient.name}${args.n}`,
      summary_args: { n: 1 },
    });
    expect(counted.summary).toBe("AB1");
    expect(
      (await a.initiateChat(b, { message: "go", max_turns: 1, summary_method: null })).summary,
    ).toBe("");
    const wrong = a.initiateChat(b, { message: "go", summary_method: "best_of" as never });
    await expect(wrong).rejects.toThrow(/summary_method is "best_of"/);
    const modelless = a.initiateChat(b, { message: "go", summary_method: "reflection_with_llm" });
    await expect(modelless).rejects.toThrow(/needs a model/);
  });
});

describe("chats in a queue", () => {
  const sayer = (name: string, line: string) => talker(name, [line, line, line]);

  it("each begin with the summaries of those before", async () => {
    const a = chained("A");
    const results = await a.initiateChats([
      { recipient: sayer("B", "one"), message: "first", max_turns: 1 },
      { recipient: sayer("C", "two"), message: "second", max_turns: 1, carryover: "own" },
      {
        recipient: sayer("D", "three"),
        message: "third",
        max_turns: 1,
        finished_chat_indexes_to_exclude_from_carryover: [0],
        chat_id: 3,
      },
    ]);
    expect(results.map(({ summary }) => summary)).toEqual(["one", "two", "three"]);
    expect(results.map(({ chat_history }) => chat_history[0]?.content)).toEqual([
      "first",
      "second\nContext: \nown\none",
      "third\nContext: \ntwo",
    ]);
    expect(results[2]?.chat_id).toBe(3);
  });

  it("may have senders of their own, and need both ends", async () => {
    const results = await initiateChats([
      { sender: chained("A"), recipient: sayer("B", "one"), message: "x", max_turns: 1 },
      { sender: chained("C"), recipient: sayer("D", "two"), message: "y", max_turns: 1 },
    ]);
    expect(results.map(({ chat_history }) => chat_history[0]?.name)).toEqual(["A", "C"]);
    await expect(initiateChats([{ recipient: chained("B"), message: "x" }])).rejects.toThrow(
      /no sender/,
    );
  });

  it("announce themselves, in full with verbose, not at all when silent", async () => {
    const printed: string[] = [];
    const print = (block: string) => printed.push(block);
    const entry = { message: "x", max_turns: 1, print };
    await chained("A").initiateChats([
      { ...entry, recipient: sayer("B", "one") },
      { ...entry, recipient: sayer("C", "two"), verbose: true },
      { ...entry, recipient: sayer("D", "three"), silent: true },
    ]);
    const headings = printed.filter((block) => block.includes("Starting a new chat...."));
    expect(headings).toHaveLength(2);
    expect(headings[1]).toContain("Message:\nx\nCarryover:\none");
    expect(printed.join()).not.toContain("three");
  });

  it("name in their announcement a message, a function's, and none", async () => {
    const heads: string[] = [];
    const print = (block: string) => heads.push(...(/Message:\n(.*)/.exec(block)?.slice(1) ?? []));
    const opening = () => "x";
    const user = new UserProxyAgent({ name: "A", get_human_input: () => "typed" });
    const messages = [{ content: "x" }, opening, null];
    await user.initiateChats(
      messages.map((message) => ({
        ...{ message, print, recipient: sayer("B", "one"), max_turns: 1, verbose: true },
      })),
    );
    expect(heads).toEqual(['Dict: {"content":"x"}', "Callable: opening", "None"]);
  });

  it("refuse a carryover that is neither a text nor a list", async () => {
    const entry = { recipient: chained("B"), message: "x", carryover: 3 as never };
    const refused = { code: "invalid_option" };
    await expect(chained("A").initiateChats([entry])).rejects.toMatchObject(refused);
    await expect(chained("A").initiateChat(entry.recipient, entry)).rejects.toMatchObject(refused);
  });
});

describe("nested chats", () => {
  it("are answered by their summary or a function, not by anything else", () => {
    const options = { reply_func_from_nested_chats: "last_msg" as never };
    expect(() => chained("A").registerNestedChats([], "B", options)).toThrow(
      expect.objectContaining({ code: "invalid_option" }),
    );
  });

  it("answer the trigger's senders with the last one's summary, carried over in between", async () => {
    const writer = chained("Writer");
    const critic = talker("Critic", ["too long"]);
    const editor = talker("Editor", ["short now"]);
    writer.registerNestedChats(
      [
        { recipient: critic, max_turns: 1 },
        { recipient: editor, message: "Edit it.", max_turns: 1 },
      ],
      "Boss",
    );
    const boss = chained("Boss");
    const { chat_history } = await boss.initiateChat(writer, { message: "Write!", max_turns: 1 });
    expect(chat_history.map(({ content }) => content)).toEqual(["Write!", "short now"]);
    expect(critic.threadWith(writer).messages[0]?.content).toBe("Write!");
    expect(editor.threadWith(writer).messages[0]?.content).toBe("Edit it.\nContext: \ntoo long");
    const other = await chained("Other").initiateChat(writer, { message: "Hi", max_turns: 1 });
    expect(other.summary).toBe("Writer here");
  });

  it("take a function's message, pass over later ones without, and are no reply when none is left", async () => {
    const writer = chained("Writer");
    const [critic, editor] = [talker("Critic", ["fine"]), talker("Editor")];
    writer.registerNestedChats(
      [
        {
          recipient: critic,
          message: (self, messages, sender) =>
            `${self.name} asks for ${sender?.name}: ${messages.at(-1)?.content}`,
          max_turns: 1,
        },
        { recipient: editor, max_turns: 1 },
      ],
      "Boss",
    );
    const result = await chained("Boss").initiateChat(writer, { message: "Write!", max_turns: 1 });
    expect(result.summary).toBe("fine");
    expect(critic.threadWith(writer).messages[0]?.content).toBe("Writer asks for Boss: Write!");
    expect(editor.threadWith(writer).messages).toHaveLength(0);
    const silent = chained("Silent");
    silent.registerNestedChats([{ recipient: critic, message: () => null }], "Boss");
    const none = await chained("Boss").initiateChat(silent, { message: "Write!" });
    expect(none).toMatchObject({ reason: "null_reply" });
  });

  it("come after termination and people, and may have a reply function of their own", async () => {
    const writer = chained("Writer");
    writer.registerNestedChats([], "Boss", {
      reply_func_from_nested_chats: (queue, agent) => [true, `${agent.name} ${queue.length}`],
    });
    const boss = chained("Boss");
    expect((await boss.initiateChat(writer, { message: "x", max_turns: 1 })).summary).toBe(
      "Writer 0",
    );
    const ended = await boss.initiateChat(writer, { message: "TERMINATE", max_turns: 1 });
    expect(ended.reason).toBe("termination");
  });

  it("let a member of a group think in private", async () => {
    const expert = talker("Expert", ["forty-two"]);
    const member = chained("A");
    member.registerNestedChats([{ recipient: expert, max_turns: 1 }], ConversableAgent);
    const manager = table([member, chained("B")], { max_round: 2 });
    const result = await chained("Ada").initiateChat(manager, { message: "What?" });
    expect(result.summary).toBe("forty-two");
    expect(manager.groupchat.messages.map(({ name }) => name)).toEqual(["Ada", "A"]);
  });
});

describe("a chat set up and continued", () => {
  it("gives no reply to a message outside a chat unless one is asked for", async () => {
    const [a, b] = [chained("A"), chained("B")];
    await a.send("psst", b);
    expect(b.threadWith(a).messages).toHaveLength(1);
    await a.send("well?", b, { request_reply: true });
    expect(b.threadWith(a).messages).toHaveLength(3);
  });

  it("stops replying at receive when told so", async () => {
    const [a, b] = [chained("A"), chained("B")];
    await a.initiateChat(b, {
      message: "hi",
      termination_condition: undefined,
      max_turns: 1,
    } as never);
    b.stopReplyAtReceive(a);
    const before = b.threadWith(a).messages.length;
    await a.send("still there?", b);
    expect(b.threadWith(a).messages).toHaveLength(before + 1);
  });
});
