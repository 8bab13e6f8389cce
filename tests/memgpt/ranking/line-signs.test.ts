import { expect, it } from "vitest";
import { lineSigns, SIGNS } from "../../../src/memgpt/ranking/line-signs.ts";

function signs(text: string): string[] {
  const bits = lineSigns(text);
  return Object.entries(SIGNS).flatMap(([name, bit]) => ((bits & bit) === 0 ? [] : [name]));
}

it.each([
  ["I went there yesterday with Bob", ["time", "tells"]],
  ["We may go there, it seems", ["tells"]],
  ["We married in May and it rained", ["time", "tells", "place"]],
  ["She has three cats at home", ["number", "tells"]],
  ["We moved to Oslo with them", ["tells", "place"]],
  ["I did it because of you", ["tells", "reason"]],
  ["How are you?", ["asks"]],
  ["Thanks!", []],
  ["My dog ate it all. And yours?", ["tells", "asks"]],
  ["昨日は海に行きました。", ["tells"]],
  ["元気ですか？", ["asks"]],
])("%s", (text, expected) => {
  expect(signs(text)).toEqual(expected);
});
