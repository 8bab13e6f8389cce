import { expect, it } from "vitest";
import { createRedactor, REDACTED } from "../../../src/adapters/system/redaction.ts";

// Put together here, so that no scanner takes them for real ones.
const BOT_TOKEN = ["MTE4NjI3NTU0MTk5MTk2NzQ3", "GkZ9aB", "x".repeat(27)].join(".");
const WEBHOOK_TOKEN = "aB3_-".repeat(13);
const API_KEY = `sk-${"proj-Ab1".repeat(5)}`;

it.each([
  ["a bot token", `token is ${BOT_TOKEN}.`, BOT_TOKEN],
  ["a webhook's URL", `POST https://discord.com/api/webhooks/123/${WEBHOOK_TOKEN}`, WEBHOOK_TOKEN],
  ["a webhook's path", `/webhooks/1186275541991967471/${WEBHOOK_TOKEN}?wait=true`, WEBHOOK_TOKEN],
  ["an API key", `Incorrect API key provided: ${API_KEY}`, API_KEY],
  ["a bearer token", "Authorization: Bearer abc.def-ghi_123", "abc.def-ghi_123"],
  ["a password in a URI", "postgres://bot:p%40ss@db:5432/x", "p%40ss"],
  ["a key in JSON", '{"api_key":"0123456789abcdef"}', "0123456789abcdef"],
  ["a key in escaped JSON", '{\\"api-key\\": \\"0123456789abcdef\\"}', "0123456789abcdef"],
])("takes out %s without being told of it", (_kind, text, secret) => {
  const clean = createRedactor([])(text);
  expect(clean).not.toContain(secret);
  expect(clean).toContain(REDACTED);
});

it("takes out configured secrets, plain, in JSON and in URLs, the longest first", () => {
  const redact = createRedactor(["pass word/1", "pass word/1-longer", 'quo"ted', ""]);
  expect(redact("a pass word/1-longer b")).toBe(`a ${REDACTED} b`);
  expect(redact(`?k=${encodeURIComponent("pass word/1")}&`)).toBe(`?k=${REDACTED}&`);
  expect(redact(JSON.stringify({ k: 'quo"ted' }))).toBe(`{"k":"${REDACTED}"}`);
});

it("leaves ordinary text alone, short configured values included", () => {
  const text = "The agent in #general said: tokens 12, sk8er, risk-assessment, https://a.b/c:80@x";
  expect(createRedactor(["a", "agent"])(text)).toBe(text);
});

it("reads hostile text in linear time", () => {
  const redact = createRedactor(["configured-secret"]);
  const before = performance.now();
  for (const piece of ["a:", "://", "token=", "M", "webhooks/1/", "Bearer ", "sk-", "Ma.a."]) {
    redact(piece.repeat(64_000 / piece.length));
  }
  expect(performance.now() - before).toBeLessThan(1_000);
});
