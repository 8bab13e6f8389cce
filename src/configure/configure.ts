/**
 * `npm run configure`: questions, or the lists of a Python script, become `config/models.yaml`, which
 * is then checked and tried with one call. Gives the process's exit code.
 */
import { readFileSync } from "node:fs";
import { relative, resolve } from "node:path";
import { loadConfig } from "../../config/load-config.ts";
import { ColloquyError, errorCode } from "../shared/errors.ts";
import { addToEnv, envOf, existingFile, folderOf, writeModels, yamlOf } from "./config-file.ts";
import { findServers } from "./find-servers.ts";
import { takeFromPython } from "./from-python.ts";
import type { Conversation } from "./questions.ts";
import { tryModel } from "./try-model.ts";
import { type Choice, runWizard } from "./wizard.ts";

export interface ConfigureOptions {
  args: readonly string[];
  cwd: string;
  env: Readonly<Record<string, string | undefined>>;
  talk: Conversation;
  /** Where servers are looked for; the usual ports when absent. */
  places?: readonly string[];
}

const USAGE = `npm run configure                          asks, and writes config/models.yaml
npm run configure -- --from-python FILE    takes config_list and config_list_memgpt of a Python script
  --yes       writes over an existing file without asking (the old one is kept)
  --no-test   does not try the model`;

const NEXT = "Now: npm start";

interface Switches {
  from_python?: string;
  yes: boolean;
  test: boolean;
}

/** 0: written, and it works (or was not tried); 1: not written, or it does not work yet; 2: wrong use. */
export async function configure(options: ConfigureOptions): Promise<number> {
  const { talk, cwd, env } = options;
  const switches = read(options.args);
  if (typeof switches === "string") {
    const help = options.args.includes("--help");
    talk.say(help ? USAGE : `${switches}\n${USAGE}`);
    return help ? 0 : 2;
  }
  const folder = folderOf(cwd, env);
  if (folder === undefined) {
    talk.say("COLLOQUY_CONFIG names one file with all keys. Name a folder to have it written.");
    return 1;
  }
  const choice =
    switches.from_python === undefined
      ? await asked(options)
      : fromFile(switches.from_python, options);
  if (!choice) return 1;
  if (!switches.yes && !(await mayWrite(options, folder))) return 1;
  addToEnv(cwd, choice.secrets);
  const { file, kept } = writeModels(folder, yamlOf(choice.values));
  talk.say(
    `Written: ${relative(cwd, file)}${kept ? `; the old one is ${relative(cwd, kept)}` : ""}`,
  );
  if (choice.secrets.size > 0) talk.say(`Written: .env (${[...choice.secrets.keys()].join(", ")})`);
  return check(options, switches.test);
}

/** What is asked for, or what is wrong with it. */
function read(args: readonly string[]): Switches | string {
  const switches: Switches = { yes: false, test: true };
  const rest = [...args];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    const [name, inline] = arg.split("=", 2);
    if (name === "--from-python") {
      const file = inline ?? rest.shift();
      if (file === undefined || file === "") return "--from-python needs the name of a file.";
      switches.from_python = file;
    } else if (arg === "--yes") switches.yes = true;
    else if (arg === "--no-test") switches.test = false;
    else return `This is not an option of npm run configure: ${arg}`;
  }
  return switches;
}

async function asked(options: ConfigureOptions): Promise<Choice | undefined> {
  const { talk, cwd, env, places } = options;
  talk.say("Looking for model servers on this machine …");
  const found = await findServers(places);
  const choice = await runWizard(talk, found, envOf(cwd, env));
  if (!choice) talk.say("Nothing was chosen, so nothing is written.");
  return choice;
}

function fromFile(name: string, { talk, cwd }: ConfigureOptions): Choice | undefined {
  let text: string;
  try {
    text = readFileSync(resolve(cwd, name), "utf8");
  } catch (error) {
    talk.say(`${name} cannot be read (${errorCode(error)}).`);
    return undefined;
  }
  const { values, notes, faults } = takeFromPython(text);
  for (const note of notes) talk.say(note);
  if (faults.length === 0) return { values, secrets: new Map() };
  for (const fault of faults) talk.say(fault);
  talk.say(
    "Nothing is written. Correct the lines above, or copy only the lists that you use into a file.",
  );
  return undefined;
}

async function mayWrite({ talk, cwd }: ConfigureOptions, folder: string): Promise<boolean> {
  const old = existingFile(folder);
  if (old === undefined) return true;
  const answer = await talk.ask(
    `${relative(cwd, old)} exists. Write a new one? The old one is kept. [y/N] `,
  );
  if (/^\s*y(es)?\s*$/i.test(answer ?? "")) return true;
  talk.say("Nothing is written. (--yes writes without asking.)");
  return false;
}

/** Reads everything as the bot will, and asks the model once. */
async function check({ talk, cwd, env }: ConfigureOptions, test: boolean): Promise<number> {
  try {
    const config = loadConfig({ cwd, env });
    for (const note of config.notes) talk.say(note);
    if (!test) {
      talk.say(NEXT);
      return 0;
    }
    talk.say("Trying the model with one call …");
    const { ok, words } = await tryModel(config);
    talk.say(words);
    if (ok) talk.say(NEXT);
    return ok ? 0 : 1;
  } catch (error) {
    if (!(error instanceof ColloquyError)) throw error;
    talk.say(error.message);
    talk.say(
      "Put missing variables into .env, correct the rest, and start the bot with npm start.",
    );
    return 1;
  }
}
