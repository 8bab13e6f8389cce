import { expect, test } from "vitest";
import { AssistantAgent, GroupChat, UserProxyAgent } from "../../src/autogen/index.ts";

function table(speaker_selection_method: string) {
  const people = new UserProxyAgent({ name: "People" });
  const [a, b] = ["A", "B"].map((name) => new AssistantAgent({ name, llm: false }));
  if (!a || !b) throw new Error("two agents");
  const group = new GroupChat({ agents: [people, a, b], speaker_selection_method });
  return { people, a, b, group };
}

test("gives a muted member no word under any method", async () => {
  for (const method of ["round_robin", "random", "manual", "auto"]) {
    const { people, a, group } = table(method);
    group.muted = new Set(["A"]);
    for (let n = 0; n < 10; n += 1) {
      expect(await group.selectSpeaker(people, people), method).not.toBe(a);
    }
  }
});

test("counts nobody as muted where all are", async () => {
  const { people, a, group } = table("round_robin");
  group.muted = new Set(["People", "A", "B"]);
  expect(await group.selectSpeaker(people, people)).toBe(a);
});
