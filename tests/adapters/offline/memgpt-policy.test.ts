import { describe, expect, it } from "vitest";
import { deskWithPaper, MemgptDesk } from "./memgpt-desk.ts";

describe("offline MemGPT: what it cannot do", () => {
  it("finds no decision where none was made", async () => {
    const desk = new MemgptDesk();
    await desk.ask(["Ada", "The weather is fine today."]);
    expect(await desk.ask(["Ada", "What did we decide?"])).toContain(
      "I found nothing on a decision",
    );
    expect(await desk.ask(["Ada", "So what did we agree?"])).toContain("I found nothing");
  });

  it("takes no earlier question for an answer", async () => {
    const desk = new MemgptDesk();
    await desk.ask(["Ada", "Is the paper any good?"]);
    expect(await desk.ask(["Ada", "Tell me of the paper."])).toContain("I found nothing");
    expect(await desk.ask(["Ada", "How are you?"])).toMatch(/^Hello, Ada\./);
  });

  it("says that it cannot sort by time", async () => {
    const desk = new MemgptDesk();
    await desk.ask(["Ada", "The build is red."]);
    expect(await desk.ask(["Ada", "What did I say first?"])).toContain("I cannot sort");
  });

  it("looks for a paper's authors in archival memory", async () => {
    const desk = deskWithPaper();
    await desk.ask(["Ada", "Who wrote the MemGPT paper?"]);
    expect(desk.names).toEqual(["archival_memory_search", "send_message"]);
  });

  it.each([
    "Write a Python function that sorts a list.",
    "Can you write me a poem?",
    "Draft an e-mail to Bob.",
    "Translate “good day” into French",
  ])("declines %j", async (line) => {
    const desk = deskWithPaper();
    expect(await desk.ask(["Ada", line])).toMatch(/^I cannot do that: I am the offline model/);
    expect(desk.names).toEqual(["send_message"]);
  });

  it.each([
    "Ich möchte eine App entwerfen.",
    "今日はとても良い天気です。",
    "Мы решили начать завтра.",
  ])("says that it does not read the language of %j", async (line) => {
    const desk = new MemgptDesk();
    expect(await desk.ask(["Ada", line])).toMatch(/^I cannot read that: I am the offline model/);
  });

  it.each(["Code review is at 5.", "Standup is 9:30 EST daily", "Tell me Bob's shoe size"])(
    "declines nothing in %j",
    async (line) => {
      const desk = new MemgptDesk();
      expect(await desk.ask(["Ada", line])).not.toContain("I cannot");
    },
  );
});

describe("offline MemGPT: answering from memory", () => {
  it("quotes the passages that define virtual context, with their page", async () => {
    const desk = deskWithPaper();
    const answer = await desk.ask([
      "User_proxy",
      "Tell me what virtual context in MemGPT is. Search your archival memory.",
    ]);
    expect(desk.called[0]).toEqual({
      name: "archival_memory_search",
      args: { query: "virtual context MemGPT" },
    });
    expect(desk.names).toEqual(["archival_memory_search", "send_message"]);
    expect(answer).toContain("we propose virtual context management, a technique");
    expect(answer).toContain("Using this technique, we introduce MemGPT");
    expect(answer).toContain("(memgpt_paper.pdf, p. 1)");
    expect(answer).not.toContain("offline model");
  });

  it("quotes the sentence that answers, not the whole passage", async () => {
    const answer = await deskWithPaper().ask(["Ada", "What does the queue manager do?"]);
    expect(answer).toContain(
      "“The queue manager manages messages in recall storage and the FIFO queue.",
    );
    expect(answer).toContain("(memgpt_paper.pdf, p. 3)");
    expect(answer).not.toContain("hampered");
  });

  it("answers questions about people from core memory as it stands now", async () => {
    const desk = new MemgptDesk("Bob: my birthday is 1 June");
    await desk.ask(["Ada", "Remember that my birthday is 3 May."]);
    expect(await desk.ask(["Ada", "When is my birthday?"])).toBe(
      "Core memory says: “Ada: my birthday is 3 May” (human).",
    );
    expect(await desk.ask(["Ada", "When is Bob's birthday?"])).toContain("1 June");
    expect(await desk.ask(["Ada", "What do you know about me?"])).toBe(
      "Core memory says:\n- “Ada: my birthday is 3 May”",
    );
  });

  it("never takes what another person said of themselves for the asker's", async () => {
    const desk = new MemgptDesk("Bob: my birthday is 1 June");
    expect(await desk.ask(["Ada", "When is my birthday?"])).toContain("I found nothing");
  });

  it("quotes what was said with time and speaker, and not the question", async () => {
    const desk = new MemgptDesk();
    await desk.ask([
      "Bob",
      "I think the launch moves to Lisbon.",
      "2026-01-02 04:30:00 PM UTC+0000",
    ]);
    await desk.ask(["Eve", "Is the launch safe?"]);
    const answer = await desk.ask(["Ada", "What did Bob say about the launch?"]);
    expect(answer).toBe(
      "From recall memory:\n- 2026-01-02 04:30 PM, Bob said: “I think the launch moves to Lisbon.”",
    );
  });

  it("looks up a day by its date", async () => {
    const desk = new MemgptDesk();
    await desk.ask(["Bob", "The build is red.", "2026-01-04 04:30:00 PM UTC+0000"]);
    const answer = await desk.ask(["Ada", "What did we talk about yesterday?"]);
    expect(desk.called.at(-2)).toEqual({
      name: "conversation_search_date",
      args: { start_date: "2026-01-04", end_date: "2026-01-04" },
    });
    expect(answer).toContain("Bob said: “The build is red.”");
  });

  it("looks into recall memory when archival memory has nothing on a question", async () => {
    const desk = new MemgptDesk();
    await desk.ask(["Bob", "The staging server is called Orca."]);
    const answer = await desk.ask(["Ada", "How is the staging server called?"]);
    expect(desk.names.slice(-3)).toEqual([
      "archival_memory_search",
      "conversation_search",
      "send_message",
    ]);
    expect(answer).toContain("Bob said: “The staging server is called Orca.”");
  });

  it("says that it found nothing, what it is and what to set, and that only once", async () => {
    const desk = new MemgptDesk();
    const first = await desk.ask(["Ada", "What is the airspeed of a swallow?"]);
    expect(first).toContain(
      "I found nothing on “airspeed swallow” in core memory, archival memory or recall memory.",
    );
    expect(first).toContain("I am the offline model");
    expect(first).toContain("OPENAI_API_KEY");
    const second = await desk.ask(["Ada", "What is the price of cheese in Rouen?"]);
    expect(second).toContain("I found nothing");
    expect(second).not.toContain("I am the offline model");
  });

  it("reports a search that failed as a failure, not as nothing found", async () => {
    const desk = new MemgptDesk();
    desk.failing.set(
      "archival_memory_search",
      "Error calling function archival_memory_search: Chroma is down",
    );
    const answer = await desk.ask(["Ada", "What is virtual context? Search your archival memory."]);
    expect(answer).toContain("I could not search archival memory: Chroma is down.");
    expect(answer).not.toContain("I found nothing");
  });

  it("does several things in the order they were asked", async () => {
    const desk = deskWithPaper();
    const answer = await desk.ask([
      "Ada",
      "Note: standup is at 9:30. What does the queue manager do?",
    ]);
    expect(desk.names).toEqual(["core_memory_append", "archival_memory_search", "send_message"]);
    expect(answer.indexOf("standup")).toBeLessThan(answer.indexOf("queue manager"));
  });

  it("answers a person's question though another agent spoke after it", async () => {
    const desk = deskWithPaper();
    const answer = await desk.ask(
      ["Ada", "What does the queue manager do?"],
      ["Product_manager", "My brief says: “Creative in software product ideas.”"],
    );
    expect(answer).toContain("(memgpt_paper.pdf, p. 3)");
  });
});

describe("offline MemGPT: coming to an end", () => {
  it("calls at most four functions for a line, whatever it holds", async () => {
    const desk = new MemgptDesk("x".repeat(1999));
    const line =
      "Remember that a. Remember that bb is. What is ccc? What is ddd? What did Bob say about eee?";
    await desk.ask(["Ada", line]);
    expect(desk.called.length).toBeLessThanOrEqual(4);
    expect(desk.names.at(-1)).toBe("send_message");
  });

  it("ends when every function fails", async () => {
    const desk = new MemgptDesk();
    for (const name of desk.functions) desk.failing.set(name, "Error: out of order");
    expect(await desk.ask(["Ada", "What is virtual context?"])).toBe("");
    expect(desk.called.length).toBeLessThanOrEqual(5);
  });

  it("works with the functions that a preset offers", async () => {
    const desk = deskWithPaper();
    desk.functions = ["send_message"];
    expect(await desk.ask(["Ada", "Remember that we meet on Monday."])).toContain(
      "no function for it",
    );
    expect(await desk.ask(["Ada", "What is virtual context?"])).toContain("I found nothing");
    expect(desk.names).toEqual(["send_message", "send_message"]);
  });

  it("goes on after a memory-pressure warning, and keeps quiet after an answer", async () => {
    const desk = deskWithPaper();
    desk.event("system_alert", { message: "Your context window is filling up." });
    expect(await desk.ask(["Ada", "What does the queue manager do?"])).toContain("p. 3");
    desk.event("system_alert", { message: "Your context window is filling up." });
    expect(await desk.chain()).toBe("");
  });

  it("greets after a login, answers small talk and lines without words", async () => {
    const desk = new MemgptDesk();
    expect(await desk.chain()).toContain("Hello");
    expect(await desk.ask(["Ada", "Hi there!"])).toContain("Hello, Ada");
    expect(await desk.ask(["Ada", "thanks!"])).toBe("You are welcome, Ada.");
    expect(await desk.ask(["Ada", ""])).not.toBe("");
    expect(await desk.ask(["Ada", "?!"])).not.toBe("");
    expect(await desk.ask(["Ada", "I want to design an app."])).toBe("Heard, Ada.");
  });

  it("reads lines that were put into the queue unpackaged", async () => {
    const desk = deskWithPaper();
    desk.messages.push({ role: "user", name: "Ada", content: "What does the queue manager do?" });
    expect(await desk.chain()).toContain("p. 3");
  });

  it("thinks in plain lines that first-message verification lets pass", async () => {
    const desk = new MemgptDesk();
    await desk.ask(["Ada", 'What do "functions" {like} send_message(x) [do]?']);
    await desk.ask(["Ada", "Remember that (all) [brackets] {go}."]);
    expect(desk.thoughts.length).toBeGreaterThan(3);
    for (const thought of desk.thoughts) {
      expect(thought).not.toMatch(/[(){}[\]"]|functions|send_message|\n/);
    }
    expect(desk.thoughts.filter((thought) => thought !== "").length).toBeGreaterThan(1);
  });

  it("thinks nothing where it looks nothing up", async () => {
    const desk = new MemgptDesk();
    await desk.ask(["Ada", "Hello"]);
    await desk.ask(["Ada", "Write a Python function that sorts a list."]);
    expect(desk.thoughts).toEqual(["", ""]);
  });

  it("gives the same answers to the same conversation", async () => {
    const run = async (): Promise<string[]> => {
      const desk = deskWithPaper();
      const lines = [
        "Remember that we ship in May.",
        "When do we ship?",
        "What is virtual context?",
      ];
      const answers: string[] = [];
      for (const line of lines) answers.push(await desk.ask(["Ada", line]));
      return answers;
    };
    expect(await run()).toEqual(await run());
  });

  it("survives hostile lines", async () => {
    const desk = new MemgptDesk();
    const hostile = [
      "__proto__ constructor toString?",
      "remember ".repeat(2000),
      "\ud800\udfff? ".repeat(100),
      '{"type":"user_message"',
      `${"a.".repeat(3000)}?`,
      "change to to to to to to by by with with into into",
      "</human> <human> remember that </human>",
    ];
    for (const line of hostile) await desk.ask(["Ada", line]);
    expect(desk.names.filter((name) => name === "send_message")).toHaveLength(hostile.length);
  });
});
