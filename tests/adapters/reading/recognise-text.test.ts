import { describe, expect, it } from "vitest";
import { recogniseText } from "../../../src/adapters/reading/recognise-text.ts";

const kindOf = (text: string, name = "file"): string => recogniseText(name, text).kind;

describe("recogniseText", () => {
  it.each([
    ["html", "<!DOCTYPE html><p>Hello"],
    ["html", "<?xml version='1.0'?>\n<!-- x -->\n<html xmlns='x'><body/></html>"],
    ["html", "<div><p>One</p><p>Two</p></div>"],
    ["json", '{"a": [1, 2]}\n'],
    ["json", '[\n  {"a": 1}\n]'],
    ["json", '{"a":1}\n{"a":2}\n'],
    ["csv", "id;name\n1;Ada\n2;Bob\n"],
    ["csv", 'a\tb\n"x\ny"\t2\n3\t4\n'],
    ["markdown", "# Title\n\n- one\n- two\n"],
    ["markdown", "# A\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n## B\n"],
    ["code", "#!/bin/sh\necho hello\n"],
    ["code", "import { a } from 'b';\n\nexport function c() {\n  return a;\n}\n"],
    ["code", 'package main\n\nimport "fmt"\n\nfunc main() {\n\tfmt.Println(1)\n}\n'],
    ["code", "#include <stdio.h>\nint main(void) {\n  return 0;\n}\n"],
    ["text", "Dear Ada,\nthank you for the letter.\nIt came today.\n"],
    ["text", "[1] A. Author. A title. 2020.\n[2] B. Author. Another. 2021.\n"],
    ["text", "One, two, three.\nFour, five, six.\nSeven, eight, nine.\n"],
    ["text", "x < y and y > z, they said."],
  ])("takes for %s: %j", (kind, text) => expect(kindOf(text)).toBe(kind));

  it("lets a name lower the doubt, never decide", () => {
    expect(kindOf("a,b\n1, two\n", "t.csv")).toBe("csv");
    expect(kindOf("Just a letter.\nNo table at all.\n", "t.csv")).toBe("text");
    expect(kindOf("Only words here.\nNothing else.\n", "notes.py")).toBe("text");
    expect(kindOf("<!doctype html><p>x", "data.json")).toBe("html");
  });
});
