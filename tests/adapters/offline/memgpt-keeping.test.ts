import { describe, expect, it } from "vitest";
import { deskWithPaper, MemgptDesk } from "./memgpt-desk.ts";

describe("offline MemGPT: keeping what it is told", () => {
  it("keeps a fact in core memory and says exactly what and where", async () => {
    const desk = new MemgptDesk();
    const answer = await desk.ask(["Ada", "Please remember that my birthday is 3 May."]);
    expect(desk.human).toContain("Ada: my birthday is 3 May");
    expect(answer).toBe("Saved in core memory (human): “Ada: my birthday is 3 May”.");
    expect(desk.names).toEqual(["core_memory_append", "send_message"]);
  });

  it.each([
    ["my name is Ada Lovelace", "Ada: my name is Ada Lovelace"],
    ["Note: standup is at 9:30", "Ada: standup is at 9:30"],
    ["Please keep in mind the demo is on Friday!", "Ada: the demo is on Friday"],
    ["don't forget that Bob is away", "Ada: Bob is away"],
    ["Could you remember that we ship in May?", "Ada: we ship in May"],
    ["We use Postgres. Remember this.", "Ada: We use Postgres"],
    ["@kiri call me Countess", "Ada: call me Countess"],
  ])("takes %j as something to keep", async (line, note) => {
    const desk = new MemgptDesk();
    await desk.ask(["Ada", line]);
    expect(desk.human.trim()).toBe(note);
  });

  it.each([
    "Do you remember when we met?",
    "Note the difference between the two.",
    "Remember me?",
    "Save the whales",
    "What is my name?",
  ])("does not take %j as something to keep", async (line) => {
    const desk = new MemgptDesk();
    await desk.ask(["Ada", line]);
    expect(desk.names).not.toContain("core_memory_append");
    expect(desk.names).not.toContain("archival_memory_insert");
    expect(desk.names.at(-1)).toBe("send_message");
  });

  it("does not keep the same fact twice", async () => {
    const desk = new MemgptDesk();
    await desk.ask(["Ada", "Remember that the launch is on Friday."]);
    const answer = await desk.ask(["Ada", "Remember that the launch is on Friday."]);
    expect(desk.human.match(/launch/g)).toHaveLength(1);
    expect(answer).toContain("has that already");
  });

  it("archives a fact when core memory is full, and says so", async () => {
    const desk = new MemgptDesk("x".repeat(1995));
    const answer = await desk.ask(["Ada", "Remember that the launch is on Friday."]);
    expect(desk.names).toEqual(["core_memory_append", "archival_memory_insert", "send_message"]);
    expect(desk.passages).toEqual([{ text: "Ada: the launch is on Friday" }]);
    expect(answer).toContain("Core memory has no room for it, so it is saved in archival memory");
  });

  it("archives what is long, or is meant for the archive", async () => {
    const desk = new MemgptDesk();
    await desk.ask(["Ada", `Remember that ${"the plan is long and ".repeat(30)}done.`]);
    await desk.ask(["Ada", "Save this to archival memory: the code is 4711"]);
    expect(desk.passages).toHaveLength(2);
    expect(desk.passages[1]).toEqual({ text: "Ada: the code is 4711" });
    expect(desk.human).toBe("");
  });

  it("tells the function's own words when saving fails", async () => {
    const desk = new MemgptDesk();
    desk.failing.set(
      "core_memory_append",
      "Error calling function core_memory_append: the disk is full",
    );
    const answer = await desk.ask(["Ada", "Remember that we meet on Monday."]);
    expect(answer).toBe("I could not save “Ada: we meet on Monday”: the disk is full.");
    expect(desk.names).toEqual(["core_memory_append", "send_message"]);
  });

  it("takes a line out of core memory, and nothing else", async () => {
    const desk = new MemgptDesk(
      "Ada: my birthday is 3 May\nBob: likes tea\nBob: likes tea and cake",
    );
    const answer = await desk.ask(["Ada", "Actually, forget that my birthday is 3 May."]);
    expect(desk.human).toBe("Bob: likes tea\nBob: likes tea and cake");
    expect(answer).toContain("Taken out of core memory (human): “Ada: my birthday is 3 May”.");
  });

  it("corrects an exact text in core memory", async () => {
    const desk = new MemgptDesk("Bob: the launch is on Friday");
    const answer = await desk.ask(["Bob", 'Change "friday" to "Monday" in your core memory']);
    expect(desk.human).toBe("Bob: the launch is on Monday");
    expect(answer).toContain("now says “Monday” instead of “Friday”");
  });

  it("changes nothing when the text is not there, or stands there twice", async () => {
    const desk = new MemgptDesk("Ada: tea\nBob: tea");
    expect(await desk.ask(["Ada", "Forget my favourite colour"])).toContain("I changed nothing");
    expect(await desk.ask(["Ada", "Replace tea with coffee"])).toContain("I changed nothing");
    expect(desk.human).toBe("Ada: tea\nBob: tea");
    expect(desk.names).toEqual(["send_message", "send_message"]);
  });
});

describe("offline MemGPT: facts that come together", () => {
  const BOTH = "Remember that my birthday is on March 3rd and that I prefer tabs over spaces.";

  it("keeps two facts as two notes, and forgets one of them", async () => {
    const desk = new MemgptDesk();
    await desk.ask(["Ada", BOTH]);
    expect(desk.human).toBe("\nAda: my birthday is on March 3rd\nAda: I prefer tabs over spaces");
    await desk.ask(["Ada", "Forget that I prefer tabs over spaces."]);
    expect(desk.human).toBe("\nAda: my birthday is on March 3rd");
  });

  it("does not split what is one fact", async () => {
    const desk = new MemgptDesk();
    await desk.ask(["Ada", "Remember that Bob and that guy from sales are away."]);
    expect(desk.human.trim()).toBe("Ada: Bob and that guy from sales are away");
  });

  it.each([
    ["my birthday is 3 May and that I like tea", "I like tea", "my birthday is 3 May"],
    ["my birthday is 3 May and that I like tea", "my birthday is 3 May", "I like tea"],
    ["my birthday is 3 May and I like tea", "I like tea", "my birthday is 3 May"],
    [
      "I like tea, and my dog is Rex, and that we ship",
      "my dog is Rex",
      "I like tea, and that we ship",
    ],
    ["I like tea and cake", "cake", "I like tea"],
    ["I like tea and cake", "tea", "I like cake"],
  ])("cuts from the note %j only %j", async (note, what, left) => {
    const desk = new MemgptDesk(`Bob: x\nAda: ${note}\nEve: y`);
    const answer = await desk.ask(["Ada", `Forget that ${what}.`]);
    expect(desk.human).toBe(`Bob: x\nAda: ${left}\nEve: y`);
    expect(answer).toContain(`It still says: “Ada: ${left}”`);
  });

  it.each(["Ada: I like tea\nBob: x", "Bob: x\nAda: I like tea", "\nAda: I like tea"])(
    "leaves no empty line of %j",
    async (human) => {
      const desk = new MemgptDesk(human);
      await desk.ask(["Ada", "Forget that I like tea."]);
      expect(desk.human).toBe(human.includes("Bob") ? "Bob: x" : "");
    },
  );

  it.each([
    ["I live in Lisbon", "Actually, I moved: I live in Porto now, not Lisbon.", "I live in Porto"],
    ["I live in New York", "I live in Porto now, not New York", "I live in Porto"],
    ["the demo is at 10:00", "The demo is at 10:30, not 10:00.", "the demo is at 10:30"],
    ["I am from Oslo", "I'm from Bergen, not Oslo.", "I am from Bergen"],
  ])("corrects %j when told %j", async (old, line, now) => {
    const desk = new MemgptDesk(`Bob: likes tea\nAda: ${old}`);
    const answer = await desk.ask(["Ada", line]);
    expect(desk.human).toBe(`Bob: likes tea\nAda: ${now}`);
    expect(answer).toContain("instead of");
    expect(desk.names).toEqual(["core_memory_replace", "send_message"]);
  });

  it("corrects nothing of others, nor what stands there twice or not at all", async () => {
    for (const human of [
      "Bob: I live in Lisbon",
      "Ada: I live in Lisbon\nAda: in Lisbon it rains",
      "",
    ]) {
      const desk = new MemgptDesk(human);
      await desk.ask(["Ada", "I live in Porto now, not Lisbon."]);
      expect(desk.names).not.toContain("core_memory_replace");
    }
  });
});

describe("offline MemGPT: among other agents", () => {
  const FILLER = "Nothing said so far bears on that. My brief says: “Creative in product ideas.”";

  it.each(["Nothing said so far bears on that.", FILLER, "Ada said: “We ship the app in May.”"])(
    "answers the person, not %j",
    async (filler) => {
      const desk = new MemgptDesk();
      const answer = await desk.ask(["Ada", "Hello"], ["Product_manager", filler]);
      expect(answer).toBe(
        "Hello, Ada. I am the offline model: I keep what you tell me and quote what you attach. Try `/attach FILE`, or “Remember that …”.",
      );
      expect(desk.names).toEqual(["send_message"]);
    },
  );

  it("answers a person who speaks of what was found", async () => {
    const answer = await deskWithPaper().ask([
      "Ada",
      "I found nothing in the wiki. What does the queue manager do?",
    ]);
    expect(answer).toContain("(memgpt_paper.pdf, p. 3)");
  });

  it("stays short when only agents spoke", async () => {
    const desk = new MemgptDesk();
    expect(await desk.ask(["Product_manager", FILLER])).toBe("I have nothing to add.");
  });

  it("never quotes their filler as what was said", async () => {
    const desk = new MemgptDesk();
    await desk.ask(
      ["Bob", "We decided to ship in May."],
      ["Product_manager", "Bob said: “We decided to ship in May, agreed.”"],
    );
    await desk.ask(["Ada", "The weather is fine today."]);
    const answer = await desk.ask(["Ada", "What did we decide?"]);
    expect(answer).toMatch(
      /^From recall memory:\n- .{19}, Bob said: “We decided to ship in May\.”$/,
    );
  });
});
