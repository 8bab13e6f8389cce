/**
 * The questions of `npm run configure`: which server, which model, how to ask it. Gives the keys of
 * `models.yaml`; finding, writing and trying are others'.
 */
import {
  DEFAULT_WRAPPER,
  ENDPOINT_TYPES,
  type EndpointType,
  isLocal,
  MODEL_WRAPPERS,
  usualRoot,
} from "../../config/endpoint-types.ts";
import type { FoundServer } from "./find-servers.ts";
import { address, type Conversation, number, oneOf, text } from "./questions.ts";

export interface Choice {
  /** Keys of `models.yaml`. */
  values: Record<string, unknown>;
  /** Variables for `.env`. */
  secrets: ReadonlyMap<string, string>;
}

type Environment = Readonly<Record<string, string | undefined>>;
type Entry = Record<string, unknown>;

const USUAL_WINDOW = 8192;
const OPENAI_MODEL = "gpt-4.1-mini";

/** Undefined when the questions were not answered. */
export async function runWizard(
  talk: Conversation,
  found: readonly FoundServer[],
  env: Environment,
): Promise<Choice | undefined> {
  talk.say(
    found.length > 0 ? "Model servers on this machine:" : "No model server found on this machine.",
  );
  const options = [
    ...found.map((server) => `${nameOf(server)} at ${server.url}${listed(server.models)}`),
    "OpenAI",
    "Azure OpenAI",
    "another address",
  ];
  for (const [i, option] of options.entries()) talk.say(`  ${i + 1}) ${option}`);
  const chosen = await number(talk, "Which one shall answer?", 1, options.length);
  if (chosen === undefined) return undefined;
  const server = found[chosen - 1];
  if (server) return local(talk, server);
  const other = chosen - found.length;
  if (other === 1) return openai(talk, env);
  return other === 2 ? azure(talk, env) : elsewhere(talk);
}

async function local(
  talk: Conversation,
  server: FoundServer,
  key?: string,
): Promise<Choice | undefined> {
  const model = await modelFrom(talk, server);
  if (model === undefined) return undefined;
  const wrapper = await wrapperFor(talk, server.type);
  if (wrapper === undefined) return undefined;
  const usual = server.context_window ?? USUAL_WINDOW;
  const window = await number(talk, "Its context window, in tokens?", usual, 10_000_000, 1024);
  if (window === undefined) return undefined;
  const entry: Entry = {
    preset: "memgpt_chat",
    model,
    model_wrapper: wrapper === "none" ? null : wrapper,
    model_endpoint_type: server.type,
    model_endpoint: endpointOf(server),
    ...(key === undefined ? {} : { openai_key: reference("MODEL_KEY") }),
    context_window: window,
  };
  const secrets = new Map(key === undefined ? [] : [["MODEL_KEY", key]]);
  return { values: { config_list_memgpt: [entry] }, secrets };
}

async function modelFrom(
  talk: Conversation,
  { type, models }: FoundServer,
): Promise<string | null | undefined> {
  const [first, ...others] = models;
  if (first === undefined) {
    const needed = type === "ollama" || type === "openai";
    const answer = await text(
      talk,
      `The model's name?${needed ? "" : " (Enter: the loaded one)"}`,
      needed ? undefined : "",
    );
    return answer === "" ? null : answer;
  }
  if (others.length === 0) return first;
  for (const [i, name] of models.entries()) talk.say(`  ${i + 1}) ${name}`);
  const chosen = await number(talk, "Which model?", 1, models.length);
  return chosen === undefined ? undefined : models[chosen - 1];
}

async function wrapperFor(
  talk: Conversation,
  type: FoundServer["type"],
): Promise<string | undefined> {
  if (type.endsWith("-legacy")) return DEFAULT_WRAPPER;
  talk.say(
    "Does the model know tool calls? Models of 2023 and many small ones do not, and need a wrapper:",
  );
  talk.say(`  ${MODEL_WRAPPERS.filter((name) => !name.endsWith("-grammar")).join(", ")}`);
  return oneOf(talk, "model_wrapper?", ["none", ...MODEL_WRAPPERS], "none");
}

async function openai(talk: Conversation, env: Environment): Promise<Choice | undefined> {
  const secrets = new Map<string, string>();
  if (!(await keyInto(secrets, talk, env, "OPENAI_API_KEY"))) return undefined;
  const model = await text(talk, "Which model?", OPENAI_MODEL);
  const window = await number(
    talk,
    "Tokens that it shall see at most? (bounds the cost)",
    32_768,
    10_000_000,
    1024,
  );
  if (model === undefined || window === undefined) return undefined;
  const key = reference("OPENAI_API_KEY");
  return {
    values: {
      config_list: [{ model, api_key: key, context_window: window }],
      config_list_memgpt: [
        {
          preset: "memgpt_chat",
          model,
          model_endpoint_type: "openai",
          openai_key: key,
          context_window: window,
        },
      ],
    },
    secrets,
  };
}

async function azure(talk: Conversation, env: Environment): Promise<Choice | undefined> {
  const secrets = new Map<string, string>();
  const endpoint = await address(talk, "The resource's endpoint?", env.AZURE_OPENAI_ENDPOINT);
  if (endpoint === undefined) return undefined;
  if (!(await keyInto(secrets, talk, env, "AZURE_OPENAI_API_KEY"))) return undefined;
  const version = await text(talk, "API version?", env.AZURE_OPENAI_VERSION || "2024-10-21");
  const model = await text(talk, "Name of the deployment?");
  const window = await number(
    talk,
    "Its context window, in tokens?",
    USUAL_WINDOW,
    10_000_000,
    1024,
  );
  if (version === undefined || model === undefined || window === undefined) return undefined;
  const key = reference("AZURE_OPENAI_API_KEY");
  const common = { model, context_window: window };
  return {
    values: {
      config_list: [
        { ...common, api_type: "azure", api_key: key, api_version: version, base_url: endpoint },
      ],
      config_list_memgpt: [
        {
          preset: "memgpt_chat",
          ...common,
          model_endpoint_type: "azure",
          azure_key: key,
          azure_endpoint: endpoint,
          azure_version: version,
        },
      ],
    },
    secrets,
  };
}

async function elsewhere(talk: Conversation): Promise<Choice | undefined> {
  const types = ENDPOINT_TYPES.filter((type) => type !== "azure");
  talk.say(
    `What runs there? ${types.join(", ")} (openai: any server of that protocol, RunPod and the like)`,
  );
  const type = await oneOf<Exclude<EndpointType, "azure">>(talk, "Type?", types, "openai");
  if (type === undefined) return undefined;
  const url = await address(talk, "Its address?", isLocal(type) ? usualRoot(type) : undefined);
  if (url === undefined) return undefined;
  const key = await text(talk, "Its key? (Enter: none)", "");
  if (key === undefined) return undefined;
  const server: FoundServer = { type, url, models: [] };
  return local(talk, server, key === "" ? undefined : key);
}

/** The variable is there already, or its value is asked for. */
async function keyInto(
  secrets: Map<string, string>,
  talk: Conversation,
  env: Environment,
  name: string,
): Promise<boolean> {
  if (env[name]) {
    talk.say(`The key is taken from ${name}.`);
    return true;
  }
  const key = await text(talk, "The key? (it is kept in .env)");
  if (key !== undefined) secrets.set(name, key);
  return key !== undefined;
}

function nameOf({ type }: FoundServer): string {
  return type === "openai" ? "OpenAI-compatible server" : type;
}

/** The bot adds the API's path for the types that it knows; for others it asks where it is told to. */
function endpointOf({ type, url }: FoundServer): string {
  return type === "openai" && /^https?:\/\/[^/]+\/*$/i.test(url)
    ? `${url.replace(/\/+$/, "")}/v1`
    : url;
}

/** A variable, as the configuration refers to it. */
function reference(variable: string): string {
  return `\${${variable}}`;
}

function listed(models: readonly string[]): string {
  if (models.length === 0) return "";
  return `: ${models.slice(0, 3).join(", ")}${models.length > 3 ? `, and ${models.length - 3} more` : ""}`;
}
