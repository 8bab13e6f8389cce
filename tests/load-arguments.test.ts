import { describe, expect, it } from "vitest";
import { isLoadJob, parseLoadArguments } from "../src/load-arguments.ts";

const parse = (line: string) => parseLoadArguments(line.split(" ").filter((word) => word !== ""));

describe("the words of npm run load", () => {
  it("are those of memgpt load", () => {
    expect(parse("directory --name paper --input-files=a.pdf")).toEqual({
      ...{ kind: "directory", name: "paper", scope: "terminal" },
      ...{ files: ["a.pdf"], urls: [], recursive: false },
    });
    expect(parse("directory --name d --input-dir docs --recursive")).toMatchObject({
      ...{ directory: "docs", recursive: true, files: [] },
    });
    expect(parse("webpage --name w --urls https://a.test/ --urls https://b.test/")).toMatchObject({
      ...{ kind: "webpage", urls: ["https://a.test/", "https://b.test/"] },
    });
  });

  it("take several files after one flag, and the server", () => {
    expect(parse("directory --name x --input-files a.pdf b.pdf --server=42")).toMatchObject({
      ...{ files: expect.arrayContaining(["a.pdf", "b.pdf"]), scope: "42" },
    });
  });

  it.each([
    ["", "What is to be loaded"],
    ["database --name x", "cannot be loaded"],
    ["directory --input-files=a.pdf", "needs a name"],
    ["directory --name x", "Which files"],
    ["webpage --name x", "Which pages"],
    ["directory --name x --nonsense", "nonsense"],
  ])("say what is wrong with %j", (line, message) => {
    expect(() => parse(line)).toThrow(message);
  });

  it("make a job that can be told from anything else", () => {
    expect(isLoadJob(JSON.parse(JSON.stringify(parse("webpage --name w --urls u"))))).toBe(true);
    for (const other of [null, 1, {}, { kind: "directory", name: "x", scope: "y", files: [1] }]) {
      expect(isLoadJob(other)).toBe(false);
    }
  });
});
