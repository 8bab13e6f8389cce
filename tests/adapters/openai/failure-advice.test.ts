import { describe, expect, it } from "vitest";
import { RefusalError, UnreachableError } from "../../../src/adapters/model-http/answer-errors.ts";
import { isNearby } from "../../../src/adapters/model-http/entry-names.ts";
import type { ModelEntry } from "../../../src/adapters/model-http/model-entry.ts";
import { classifyFailure } from "../../../src/adapters/model-http/model-errors.ts";

const inFile: ModelEntry = {
  api_type: "openai",
  model: "m",
  base_url: "http://127.0.0.1:9/v1",
  api_key: "NULL",
};
const inEnvironment: ModelEntry = { ...inFile, origin: "environment" };

const refusal = (status: number, words: string): RefusalError =>
  new RefusalError(status, undefined, words);
const unreachable = (code: string): UnreachableError =>
  new UnreachableError("no", { cause: Object.assign(new Error("no"), { code }) });

describe("advice", () => {
  it.each([
    [refusal(401, "no"), "OPENAI_API_KEY"],
    [refusal(404, "no such model"), "OPENAI_MODEL"],
    [refusal(404, "Not Found"), "OPENAI_BASE_URL"],
    [refusal(302, ""), "OPENAI_BASE_URL"],
    [refusal(418, ""), "OPENAI_BASE_URL"],
    [unreachable("ECONNREFUSED"), "OPENAI_BASE_URL"],
  ])("names the variables of whoever set nothing else (%s)", (error, variable) => {
    const next = classifyFailure(error, inEnvironment).error.next ?? "";
    expect(next).toContain(variable);
    expect(next).not.toMatch(/base_url|api_key|model_endpoint|this model's entry/);
    expect(classifyFailure(error, inFile).error.next).not.toContain(variable);
  });

  it("is to start a server only where people can", () => {
    const next = (code: string, base_url: string): string | undefined =>
      classifyFailure(unreachable(code), { ...inFile, base_url }).error.next;
    expect(next("ECONNREFUSED", "http://127.0.0.1:9/v1")).toContain("Start the server");
    expect(next("ETIMEDOUT", "https://api.openai.com/v1")).toContain("check the network");
    expect(next("ENOTFOUND", "https://api.openai.com/v1")).toMatch(
      /^Check the network, or the add/,
    );
    expect(next("EAI_AGAIN", "https://api.openai.com/v1")).not.toContain("Start the server");
  });

  it("repeats no status that stands alone", () => {
    const why = classifyFailure(refusal(404, "404 status code (no body)"), inFile).error.why;
    expect(why).toContain("status 404");
    expect(why).not.toContain("The server says");
    expect(classifyFailure(refusal(500, ""), inFile).error.why).toBe(
      "It answered with status 500.",
    );
  });
});

it.each([
  ["http://localhost:1", true],
  ["http://box:1", true],
  ["http://box.local", true],
  ["http://[::1]:1", true],
  ["http://172.20.0.3", true],
  ["http://172.40.0.3", false],
  ["http://10.example.org", false],
  ["https://api.openai.com/v1", false],
  ["no address", false],
])("knows whether a server is nearby: %s", (base_url, nearby) => {
  expect(isNearby({ base_url })).toBe(nearby);
});
