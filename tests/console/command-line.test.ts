import { expect, test } from "vitest";
import { commands } from "../../commands/index.ts";
import type { Command } from "../../src/channels/command.ts";
import { type OpenFile, parseCommandLine } from "../../src/console/command-line.ts";
import { DocumentError } from "../../src/documents/ports.ts";
import { file } from "../channels/channel-world.ts";

const openFile: OpenFile = async (path) => file(path, "");

/** The call as `name subcommand {options}`, files by their path. */
async function parsed(
  line: string,
  all: readonly Command[] = commands,
): Promise<string | undefined> {
  const call = await parseCommandLine(line, all, openFile);
  if (!call) return undefined;
  const options = [...call.options].map(([name, value]) => {
    const shown = typeof value === "object" ? `<${value.name}>` : JSON.stringify(value);
    return `${name}=${shown}`;
  });
  return [call.name, call.subcommand, ...options].filter(Boolean).join(" ");
}

test.each([
  ["/help", "help"],
  ["  /HELP attach ", 'help command="attach"'],
  ["/attach ./paper.pdf", "attach file=<./paper.pdf>"],
  ["/attach ./a.pdf ./b.md", "attach file=<./a.pdf> file2=<./b.md>"],
  ["/attach ./a.pdf ./b.md agent:Mem", 'attach file=<./a.pdf> file2=<./b.md> agent="Mem"'],
  ["/attach file:./paper.pdf agent:Mem", 'attach file=<./paper.pdf> agent="Mem"'],
  ["/attach agent:Mem file:./paper.pdf", 'attach file=<./paper.pdf> agent="Mem"'],
  ['/attach "./my paper.pdf"', "attach file=<./my paper.pdf>"],
  ["/attach './my paper.pdf' agent:Mem", 'attach file=<./my paper.pdf> agent="Mem"'],
  ["/attach ./my\\ paper.pdf", "attach file=<./my paper.pdf>"],
  ["/attach file:./my paper.pdf", "attach file=<./my paper.pdf>"],
  ["/attach C:\\papers\\a.pdf", "attach file=<C:\\papers\\a.pdf>"],
  ["/memory core", "memory core"],
  ["/memory Recall Ada's first deadline", 'memory recall query="Ada\'s first deadline"'],
  ["/memory recall query:the deadline page:2", 'memory recall query="the deadline" page=2'],
  ["/memory recall page:2 query:the deadline", 'memory recall query="the deadline" page=2'],
  ['/memory recall query:"the deadline" page:2', 'memory recall query="the deadline" page=2'],
  ['/memory recall "page:2"', 'memory recall query="page:2"'],
  ["/memory recall note: it's late", 'memory recall query="note: it\'s late"'],
  ["/memory recall page:two", 'memory recall page="two"'],
  ["/save before the refactor", 'save name="before the refactor"'],
  ["/load before the refactor", 'load name="before the refactor"'],
  ["/load name:before the refactor", 'load name="before the refactor"'],
  ["/load file:./Sam.json agent:Sam", 'load file=<./Sam.json> agent="Sam"'],
  ["/sources detach paper.pdf", 'sources detach name="paper.pdf"'],
  ['/sources detach "my paper.pdf"', 'sources detach name="my paper.pdf"'],
  ["/groupchat", "groupchat"],
  ["/groupchat fly away", "groupchat fly"],
  ["/unknown a b", "unknown"],
  ['/save "', 'save name="\\""'],
])("reads %s", async (line, wanted) => {
  expect(await parsed(line)).toBe(wanted);
});

test("reads flags and numbers as such", async () => {
  const command: Command = {
    name: "x",
    description: "X",
    help: "",
    options: [
      { type: "boolean", name: "on", description: "On" },
      { type: "integer", name: "n", description: "N" },
      { type: "string", name: "kind", description: "Kind", choices: ["a", "b"] },
    ],
    run: async () => {},
  };
  expect(await parsed("/x yes -3 b", [command])).toBe('x on=true n=-3 kind="b"');
  expect(await parsed("/x on:FALSE n:1.5", [command])).toBe('x on=false n="1.5"');
});

test.each(["hello", "/etc/hosts is a file", "/", "/1", "// comment", ""])(
  "takes %j for a line of the talk",
  async (line) => {
    expect(await parsed(line)).toBeUndefined();
  },
);

test("does not drop words that nothing takes", async () => {
  await expect(parsed("/inner-thoughts show please")).rejects.toThrow(
    'Nothing here takes "please"',
  );
  await expect(parsed("/agents list all")).rejects.toThrow("Nothing here takes");
});

test("passes on what is wrong with a path", async () => {
  const missing: OpenFile = async () => {
    throw new DocumentError("file_unreachable", "There is no such file.");
  };
  await expect(parseCommandLine("/attach x.pdf", commands, missing)).rejects.toThrow(
    "no such file",
  );
});
