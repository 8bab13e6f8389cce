import { expect, test } from "vitest";
import type { Control, Place } from "../../src/channels/ports.ts";
import { controlComponents } from "../../src/discord/controls.ts";
import type { ApiMessage, MessageKey } from "../../src/discord/discord-api.ts";
import { RunButtons } from "../../src/discord/run-buttons.ts";
import { gate } from "../channels/channel-world.ts";
import { RecordingLogger } from "../fakes/small-fakes.ts";

const general: Place = { id: "100", kind: "channel", scope: "g", name: "general" };
const stop: Control = { id: "stop:a", label: "Stop" };
const go: Control = { id: "continue:a.1", label: "Continue" };
const webhook = { id: "9", token: "t" };

function message(id: string, controls: readonly Control[], more: Partial<ApiMessage> = {}) {
  return {
    id,
    content: "",
    application_id: "app",
    components: controlComponents(controls),
    ...more,
  };
}

function buttons(history: readonly ApiMessage[] = [], found = Promise.resolve()) {
  const edits: string[] = [];
  const logger = new RecordingLogger();
  const made = new RunButtons({
    api: {
      messagesAfter: async () => {
        await found;
        return [...history];
      },
      editComponents: async (_: string, key: MessageKey, components: readonly unknown[]) => {
        if (key.id === "broken") throw new Error("no");
        const labels = JSON.stringify(components).match(/(?<="label":")\w+/g) ?? [];
        edits.push([key.id, ...labels, ...(key.webhook ? ["by webhook"] : [])].join(" "));
      },
    },
    webhook: async () => webhook,
    isOwn: ({ application_id }) => application_id === "app",
    logger,
  });
  return { made, edits, logger };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test("moves from line to line, each edited once, and asks for nothing where nothing changes", async () => {
  const { made, edits } = buttons();
  made.posted(general, { id: "1", webhook, controls: [stop] });
  made.change(general, [stop]);
  made.posted(general, { id: "2", webhook, controls: [go] });
  expect(made.isNewest(general, "1")).toBe(false);
  expect(made.isNewest(general, "2")).toBe(true);
  made.posted(general, { id: "3", controls: [] });
  made.posted(general, { id: "4", controls: [stop] });
  made.change(general, [go]);
  made.change(general, []);
  await settled();
  expect(edits).toEqual(["1 by webhook", "2 by webhook", "4 Continue", "4"]);
});

test("takes away what an earlier process left, but for what it has just posted, and nobody else's", async () => {
  const { made, edits } = buttons([
    message("1", [stop], { webhook_id: webhook.id }),
    message("2", [go]),
    message("3", [go], { application_id: "other" }),
    message("4", []),
    { ...message("5", []), components: [null, { components: [null, { custom_id: 7 }] }] },
    message("6", [stop]),
  ]);
  made.posted(general, { id: "6", controls: [stop] });
  await settled();
  expect(edits).toEqual(["1 by webhook", "2"]);
  expect(made.isNewest(general, "6")).toBe(true);
});

test("keeps the last line of an earlier process where it is still true", async () => {
  const { made, edits } = buttons([message("1", [stop]), message("2", [go])]);
  made.change(general, [go]);
  await settled();
  expect(edits).toEqual(["1"]);
  expect(made.isNewest(general, "2")).toBe(true);
});

test("never gives an older run's buttons to a line that was posted meanwhile", async () => {
  const { passed, open } = gate();
  const { made, edits } = buttons([message("1", [stop])], passed);
  made.change(general, [go]);
  made.posted(general, { id: "2", controls: [stop] });
  open();
  await settled();
  expect(edits).toEqual(["1"]);
  expect(made.isNewest(general, "2")).toBe(true);
});

test("goes on behind an edit that fails", async () => {
  const { made, edits, logger } = buttons();
  made.posted(general, { id: "broken", controls: [stop] });
  made.posted(general, { id: "2", controls: [stop] });
  made.posted(general, { id: "3", controls: [] });
  await settled();
  expect(edits).toEqual(["2"]);
  expect(logger.lines.map((line) => line.message)).toEqual(["buttons could not be changed"]);
});
