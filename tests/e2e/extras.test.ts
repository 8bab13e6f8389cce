import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { closeHouses, House, MEMGPT_KEY } from "./house.ts";
import { InProcessBot } from "./in-process.ts";
import { call, isMemgpt, requestsWith, say, textOf } from "./model-scripts.ts";

afterEach(closeHouses);

const agents = [
  { type: "user_proxy", name: "User_proxy" },
  { type: "memgpt", name: "MemGPT_coder", preset: "memgpt_extras" },
];

describe("extras", () => {
  it("write a file of the agent's own and ask no host inside; forgetting reaches the file", async () => {
    const house = await House.open({
      config: { agents, extras: { files: true, http_hosts: ["http://127.0.0.1:9"] } },
      model: (body) => {
        if (!isMemgpt(body)) return "Noted.";
        const made = body.messages?.flatMap(({ tool_calls = [] }) => tool_calls) ?? [];
        const steps = [
          call("append_to_text_file", {
            filename: "log.txt",
            content: "the word is swordfish",
            request_heartbeat: true,
          }),
          call("http_request", {
            method: "GET",
            url: "http://127.0.0.1:9/",
            request_heartbeat: true,
          }),
          call("read_from_text_file", {
            filename: "log.txt",
            line_start: 1,
            request_heartbeat: true,
          }),
        ];
        // The boot sequence has a call of its own.
        return steps[made.length - 1] ?? say("Written down.");
      },
    });
    await InProcessBot.start(house);
    await house.wake();
    expect((await house.ask("Write down my word.")).content).toContain("Written down.");
    const heard = textOf(requestsWith(house, MEMGPT_KEY).at(-1));
    expect(heard).toContain("does not lead to the public internet");
    expect(heard).toContain('"status":"OK","message":"the word is swordfish"');
    const root = join(house.dataDir, "files");
    const file = (): string => {
      const [folder = ""] = readdirSync(root);
      return readFileSync(join(root, folder, "log.txt"), "utf8");
    };
    expect(file()).toBe("the word is swordfish\n");
    const options = { confirm: true };
    const forget = await house.general.slash(house.ada, "forget", { subcommand: "me", options });
    expect(await forget.answer()).toContain("Forgotten here");
    expect(file()).toBe("");
  });

  it("give an agent as a file to the caller alone, and take it in elsewhere", async () => {
    const house = await House.open();
    await InProcessBot.start(house);
    await house.wake();
    await house.ask("My boat is called Swordfish.");
    const { general, boss } = house;
    const save = await general.slash(boss, "save", { options: { name: "harbour" } });
    expect(await save.answer()).toContain('Saved as "harbour"');
    expect(save.ephemeral).toBe(true);
    const [attached] = save.messages[0]?.attachments ?? [];
    if (!attached) throw new Error("no file came");
    expect(attached.name).toBe("MemGPT_coder.colloquy.json");

    const den = house.guild.addTextChannel({ name: "den" });
    await house.wake(den);
    const file = { name: attached.name, bytes: attached.bytes };
    const load = await den.slash(boss, "load", { options: { file } });
    expect(await load.answer()).toContain("MemGPT_coder has taken in what the file holds");
    const answer = await house.ask("What is my boat called?", { channel: den });
    expect(answer.content).toContain("Swordfish");
  });
});
