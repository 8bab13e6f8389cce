import { expect, test } from "vitest";
import { OfflineChatModel } from "../../../src/adapters/offline/offline-chat-model.ts";
import { MemgptAgent } from "../../../src/memgpt/agent.ts";
import { create, line, withModel, world } from "../../memgpt/agent-fixture.ts";

const from = (person: string, speaker: string, text: string) => ({
  ...line(text, speaker),
  person,
});

test("keeps a person's facts in their own block, and answers from it, also after a restart", async () => {
  const w = withModel(world([]), new OfflineChatModel());
  const agent = create(w);
  const { messages } = await agent.reply([from("1", "Ada", "Remember that my birthday is 3 May.")]);
  expect(messages).toEqual(["Saved in core memory (human:ada): “Ada: my birthday is 3 May”."]);
  await agent.reply([from("2", "Bob", "Remember that my birthday is 1 June.")]);
  expect(agent.core.personBlock("1")?.text).toBe("Ada: my birthday is 3 May");
  expect(agent.core.personBlock("2")?.text).toBe("Bob: my birthday is 1 June");
  expect(agent.core.human).toBe("Nobody yet.");
  await agent.save();
  const again = await MemgptAgent.restore(agent.snapshot(), w.options, w.runtime);
  const asked = await again.reply([from("1", "Ada", "When is my birthday?")]);
  expect(asked.messages).toEqual(["Core memory says: “Ada: my birthday is 3 May” (human:ada)."]);
  const known = await again.reply([from("1", "Ada", "Remember that my birthday is 3 May.")]);
  expect(known.messages[0]).toContain("Core memory (human:ada) has that already");
  const gone = await again.reply([from("1", "Ada", "Forget that my birthday is 3 May.")]);
  expect(gone.messages[0]).toContain("Taken out of core memory (human:ada)");
  expect(again.core.personBlock("1")?.text).toBe("");
});
