import { describe, expect, it } from "vitest";
import { type AppConfig, parseConfig } from "../../config/config.ts";
import { ConfigError } from "../../src/shared/errors.ts";

const texts = {
  prompts: new Map([["memgpt_chat", "Talk."]]),
  personas: new Map([["sam_pov", "Sam."]]),
  humans: new Map([["basic", "Chad."]]),
  presets: new Map([
    ["memgpt_chat", { file: "c.yaml", value: { functions: ["send_message"] } }],
    [
      "memgpt_extras",
      {
        file: "e.yaml",
        value: {
          functions: ["send_message", "read_from_text_file", "append_to_text_file", "http_request"],
        },
      },
    ],
  ]),
};
const people = { type: "user_proxy", name: "User_proxy" };
const agents = [people, { type: "memgpt", name: "Mem", preset: "memgpt_extras" }];

function parse(raw: Record<string, unknown>): AppConfig {
  return parseConfig(raw, { env: {}, fileOf: () => "groupchat.yaml", texts });
}

function faults(raw: Record<string, unknown>): string[] {
  try {
    parse(raw);
  } catch (error) {
    if (error instanceof ConfigError) {
      return error.faults.map(({ key, got, wanted }) => `${key}: ${got || wanted}`);
    }
    throw error;
  }
  return [];
}

describe("extras", () => {
  it("are off unless they are switched on", () => {
    expect(parse({}).extras).toEqual({
      files: false,
      http_hosts: [],
      http_methods: ["GET"],
      message_chatgpt: false,
    });
    expect(
      parse({ extras: { files: true, http_hosts: ["api.example.org"] } }).extras,
    ).toMatchObject({
      files: true,
      http_hosts: ["api.example.org"],
      http_methods: ["GET"],
    });
  });

  it("notes what a preset in use names and is off", () => {
    expect(parse({ agents }).notes).toEqual([
      "Preset memgpt_extras: read_from_text_file, append_to_text_file, http_request left out, because extras.files and extras.http_hosts are off.",
    ]);
    const on = { files: true, http_hosts: ["http://api.example.org:8080"] };
    expect(parse({ agents, extras: on }).notes).toEqual([]);
    expect(parse({}).notes).toEqual([]);
  });

  it("takes host names and origins, and methods in capitals", () => {
    const extras = {
      http_hosts: ["https://a.example/path", "*.example", "", "http://", "a.example:80", 7],
      http_methods: ["get", "CONNECT", "POST"],
    };
    expect(faults({ extras })).toEqual([
      'extras.http_hosts[0]: "https://a.example/path"',
      'extras.http_hosts[1]: "*.example"',
      'extras.http_hosts[2]: ""',
      'extras.http_hosts[3]: "http://"',
      'extras.http_hosts[4]: "a.example:80"',
      "extras.http_hosts[5]: 7",
      'extras.http_methods[0]: "get"',
      'extras.http_methods[1]: "CONNECT"',
    ]);
    expect(faults({ extras: { file: true } })).toEqual([
      "extras.file: not a known key; did you mean `files`?",
    ]);
  });
});

describe("idle_work", () => {
  it("is off unless minutes are given", () => {
    expect(parse({}).idle_work).toBeUndefined();
    expect(parse({ idle_work: { minutes: 0 } }).idle_work).toBeUndefined();
    expect(parse({ idle_work: { minutes: 30 } }).idle_work).toEqual({
      minutes: 30,
      tokens_per_day: 20_000,
    });
    expect(faults({ idle_work: { minutes: -1 } })).toEqual(["idle_work.minutes: -1"]);
  });
});
