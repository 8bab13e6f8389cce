import { describe, expect, it } from "vitest";
import { PartialArgument } from "../../src/memgpt/partial-argument.ts";

/** What comes out of each piece. */
function read(pieces: readonly string[], name = "message"): string[] {
  const argument = new PartialArgument(name);
  return pieces.map((piece) => argument.push(piece));
}

const message = 'Grüße 👋 "ja"\n\t\\ / ok';

describe("PartialArgument", () => {
  it("gives the text as it comes", () => {
    expect(read(['{"mess', 'age"', ': "He', "llo", ', you"', "}"])).toEqual([
      "",
      "",
      "He",
      "llo",
      ", you",
      "",
    ]);
  });

  it.each([
    ["as models write it", JSON.stringify({ message })],
    ["with every character escaped", `{"message":"${escaped(message)}"}`],
    [
      "after other members",
      `{ "a": {"message": "no", "b": [1, "]}"]}, "n": -1, "message" : "${slim(message)}"`,
    ],
    ["before other members", JSON.stringify({ message, request_heartbeat: true })],
    ["under an escaped key", `{"m\\u0065ssage":"${slim(message)}"}`],
  ])("decodes it %s, wherever it is cut", (_, json) => {
    for (let at = 0; at <= json.length; at += 1) {
      expect(read([json.slice(0, at), json.slice(at)]).join("")).toBe(message);
    }
    const single = read(json.split(""));
    expect(single.join("")).toBe(message);
  });

  it("never gives half a surrogate pair", () => {
    const json = `{"message":"\\ud83d\\udc4b👋"}`;
    for (const piece of read(json.split(""))) expect(["", "👋"]).toContain(piece);
  });

  it.each([
    ['{"message":"a","message2":"b"}', "a"],
    ['{"message":{"message":"x"}}', ""],
    ['{"message":null}', ""],
    ['["message","x"]', ""],
    ["message: x", ""],
    ['{"other":"message"}', ""],
    ['{"message":"bad \\uZZZZ end"}', "bad  end"],
    ["", ""],
  ])("takes %s for what it is", (json, text) => {
    expect(read([json]).join("")).toBe(text);
  });
});

function escaped(text: string): string {
  return Array.from({ length: text.length }, (_, i) => {
    return `\\u${text.charCodeAt(i).toString(16).padStart(4, "0")}`;
  }).join("");
}

function slim(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}
