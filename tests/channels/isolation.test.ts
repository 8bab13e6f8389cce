import { expect, test } from "vitest";
import type { Place } from "../../src/channels/ports.ts";
import type { ChatRequest } from "../../src/memgpt/ports.ts";
import { says } from "../fakes/scripted-chat-model.ts";
import { call, endless, file, lastLine, line, start, wholeText, world } from "./channel-world.ts";

/** Ids that a careless pattern or a careless case takes for one another. */
const PLACES: readonly Place[] = [
  { id: "1_2", kind: "channel", scope: "g_1", name: "one" },
  { id: "1X2", kind: "channel", scope: "gX1", name: "one" },
  { id: "1x2", kind: "thread", scope: "GX1", name: "one" },
  { id: "1", kind: "dm", scope: "1", name: "one" },
];

const canaryOf = (place: Place): string => `canary-${PLACES.indexOf(place)}-${place.kind}`;

test("lets nothing of one place into another's prompts, memory or documents", async () => {
  const requests: ChatRequest[] = [];
  const answer = (request: ChatRequest): string => {
    requests.push(request);
    return `I heard: ${lastLine(request)}`;
  };
  const w = world({
    plain: endless(answer),
    memgpt: endless((request) => {
      const asked = lastLine(request);
      const isNew = request.messages.at(-1)?.role === "user" && asked.startsWith("I heard");
      if (!isNew) return says(answer(request));
      requests.push(request);
      return {
        content: "To be kept.",
        calls: [
          { name: "core_memory_append", args: { name: "human", content: asked } },
          { name: "archival_memory_search", args: { query: "canary", request_heartbeat: true } },
        ],
      };
    }),
  });
  for (const restarted of [false, true]) {
    for (const place of PLACES) {
      const host = await start(w);
      const own = canaryOf(place);
      const text = `The word is ${own}, ${restarted ? "again" : "for the first time"}.`;
      const options = { file: file("notes.txt", `In this document it is ${own}.`) };
      expect(await call(host, "attach", undefined, options, { place })).toContain("Attached");
      requests.length = 0;
      await host.receive(place, line(text));
      const seen = [
        ...requests.map(wholeText),
        await call(host, "memory", "core", {}, { place }),
        await call(host, "memory", "recall", { query: "canary" }, { place }),
        await call(host, "memory", "archival", { query: "canary document" }, { place }),
        await call(host, "sources", "list", {}, { place }),
      ].join("\n");
      expect(seen).toContain(own);
      for (const other of PLACES) {
        if (other !== place)
          expect(seen, `${other.id} in ${place.id}`).not.toContain(canaryOf(other));
      }
    }
  }
});

test("gives a server's document to another channel only when it is attached there", async () => {
  const w = world();
  const host = await start(w);
  const [one] = PLACES as [Place];
  const sibling = { ...one, id: "777" };
  await call(
    host,
    "attach",
    undefined,
    { file: file("notes.txt", "Secret notes.") },
    { place: one },
  );
  expect(await call(host, "sources", "list", {}, { place: sibling })).toContain("no data sources");
  expect(await call(host, "memory", "archival", { query: "secret" }, { place: sibling })).toBe(
    "Nothing found.",
  );
  expect(
    await call(host, "sources", "detach", { name: "notes.txt" }, { place: sibling }),
  ).toContain('has no document "notes.txt"');
});
