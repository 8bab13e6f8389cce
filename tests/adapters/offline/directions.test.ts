import { describe, expect, it } from "vitest";
import { deskWithPaper, MemgptDesk } from "./memgpt-desk.ts";

describe("offline MemGPT: requests that no search answers", () => {
  it.each([
    ["What can you do?", "/attach FILE"],
    ["how do I use this?", "Remember that"],
    ["help", "/attach FILE"],
    ["Which documents do you have?", "/sources list"],
    ["what files are attached", "/sources list"],
    ["What papers have you read?", "/sources list"],
    ["Summarise our conversation.", "I cannot summarise that"],
    ["list the papers", "/sources list"],
    ["forget everything", "/forget me"],
    ["Please delete all my data.", "/forget me"],
    ["forget everything you know about me", "/forget me"],
    ["What time is it?", "You wrote that at 2026-01-05 09:00 AM."],
    ["what's today's date?", "2026-01-05"],
    ["What's on page 5?", "I cannot turn to a page"],
    ["Quote page 3.", "I cannot turn to a page"],
    ["Summarise the paper.", "I cannot summarise that"],
    ["Summarize memgpt_paper.pdf in three sentences", "I cannot summarise that"],
    ["Give me a short summary of the PDF please", "I cannot summarise that"],
    ["2+2?", "I cannot do that"],
    ["What is 17 * 23?", "I cannot do that"],
    ["Tell me more", "What should I look for?"],
    ["search the web for MemGPT", "/sources load url:"],
    ["open https://example.org/a", "/sources load url:"],
    ["what's up?", "Hello, Ada."],
    ["go on", "Heard, Ada."],
  ])("answers %j with %j, and searches nothing", async (line, says) => {
    const desk = deskWithPaper();
    expect(await desk.ask(["Ada", line])).toContain(says);
    expect(desk.names).toEqual(["send_message"]);
  });

  it.each([
    "Summarise what the paper says about the queue manager.",
    "What does page 3 say about the queue manager?",
    "Which document speaks of the queue manager?",
    "What did the paper say about the queue manager?",
    "What document has the queue manager in it?",
  ])("searches for what %j names", async (line) => {
    const desk = deskWithPaper();
    expect(await desk.ask(["Ada", line])).toContain("The queue manager manages messages");
  });

  it.each(["2026-01-05", "10-12", "We meet at 10-12", "I read page 5."])(
    "takes %j for what it is, a statement",
    async (line) => {
      const desk = new MemgptDesk();
      expect(await desk.ask(["Ada", line])).toContain("Heard, Ada");
    },
  );

  it.each(["List everything you remember.", "show me your core memory", "What do you know?"])(
    "tells what core memory has when asked %j",
    async (line) => {
      const desk = new MemgptDesk("Ada: I like tea");
      expect(await desk.ask(["Ada", line])).toContain("- “Ada: I like tea”");
    },
  );

  it("does not take a note on half of the question for its answer", async () => {
    const desk = new MemgptDesk("Ada: My name is Ada");
    const answer = await desk.ask(["Ada", "What is my dog's name?"]);
    expect(answer).toContain("The nearest in core memory: “Ada: My name is Ada”");
  });

  it("quotes no cut piece of what other agents quoted", async () => {
    const desk = new MemgptDesk();
    const text = '… "My dog is called Rex." Ada said: “I have a dog.”';
    desk.said.push({ time: "2026-01-05", who: "Product_manager", text });
    expect(await desk.ask(["Bob", "Who has a dog?"])).toContain("I found nothing");
  });

  it("looks on behind questions and echoes for what somebody said", async () => {
    const desk = new MemgptDesk();
    await desk.ask(["Ada", "Our harbour plan was dropped, nobody paid for it and all went home."]);
    for (let n = 1; n <= 6; n += 1) {
      desk.said.push({ time: "2026-01-05", who: "Ada", text: `harbour plan ${n}?` });
    }
    expect(await desk.ask(["Ada", "What did I say about the harbour plan?"])).toContain("dropped");
    expect(desk.names.filter((name) => name === "conversation_search")).toHaveLength(2);
  });
});
