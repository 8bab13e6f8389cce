import { describe, expect, it } from "vitest";
import { parseConversation } from "../../bench/recall-conversation.ts";

const TURNS = [
  { id: "D1:1", speaker: "Ada", date: "1:56 pm on 8 May, 2023", text: "Hello." },
  { id: "D1:2", speaker: "Bo", date: "1:56 pm on 8 May, 2023", text: "Hi Ada." },
  { id: "D2:1", speaker: "Ada", date: "9:00 am on 1 June, 2023", text: "I moved to Oslo." },
];

function evidenceOf(evidence: unknown): string[] {
  const { questions } = parseConversation({
    turns: TURNS,
    questions: [{ text: "Where?", evidence }],
  });
  return questions[0]?.evidence ?? [];
}

describe("conversations of a stranger's export", () => {
  it.each([
    ["a list", ["D1:1", "D2:1"]],
    ["one text", "D1:1; D2:1"],
    ["one text with commas and brackets", "[D1:1, D2:1]"],
    ["texts in a list, one with two ids", ["D1:1 D2:1"]],
    ["ids written a little differently", ["d1:01", "D:2:1"]],
    ["an id twice", ["D1:1", "D1:1", "D2:1"]],
    ["ids that are no turn among them", ["D1:1", "D9:9", "D2:1", null, ""]],
  ])("take evidence as %s", (_form, evidence) => {
    expect(evidenceOf(evidence)).toEqual(["D1:1", "D2:1"]);
  });

  it("take numbers as ids, and an id with spaces whole", () => {
    const { questions } = parseConversation({
      turns: [
        { id: 1, text: "a" },
        { id: "turn 2", text: "b" },
      ],
      questions: [
        { text: "?", evidence: 1 },
        { text: "?", evidence: ["turn 2"] },
      ],
    });
    expect(questions.map(({ evidence }) => evidence)).toEqual([["1"], ["turn 2"]]);
  });

  it("count questions that cannot be judged, and evidence that is no turn", () => {
    const { questions, left_out, unknown_evidence } = parseConversation({
      turns: TURNS,
      questions: [
        { text: "Where?", evidence: ["D2:1", "D7:7"] },
        { text: "Why?", evidence: ["D7:8"] },
        { text: "Who?", evidence: [] },
        { text: "What?" },
      ],
    });
    expect(questions).toHaveLength(1);
    expect([left_out, unknown_evidence]).toEqual([3, 2]);
  });

  it("keep the order of turns whose date is missing, unreadable or earlier", () => {
    const dates = [
      "2023-05-08T10:00:00Z",
      undefined,
      "sometime",
      "2020-01-01",
      "2023-05-09T10:00:00Z",
    ];
    const { turns } = parseConversation({
      turns: dates.map((date, i) => ({ id: i, speaker: "Ada", date, text: "x" })),
      questions: [],
    });
    expect(turns.map(({ created_at }) => new Date(created_at).toISOString().slice(0, 16))).toEqual([
      "2023-05-08T10:00",
      "2023-05-08T10:01",
      "2023-05-08T10:02",
      "2023-05-08T10:03",
      "2023-05-09T10:00",
    ]);
  });

  it("give a turn without id its place, and without speaker or text an empty one", () => {
    const { turns } = parseConversation({
      turns: [{}, { speaker: null, text: null }],
      questions: [],
    });
    expect(turns.map(({ id, speaker, text }) => [id, speaker, text])).toEqual([
      ["1", "Somebody", ""],
      ["2", "Somebody", ""],
    ]);
  });

  it("are refused with the place of the fault when they have another shape", () => {
    expect(() => parseConversation({ turns: [{ text: ["no"] }], questions: [] })).toThrow(
      /turns\[0\]/,
    );
    expect(() => parseConversation([])).toThrow(/expected object/);
  });
});
