/**
 * Looks for model servers on the ports where they usually listen, and tells them apart by what only
 * each of them says about itself.
 */
import { LOCAL_TYPES, type LocalType, usualRoot } from "../../config/endpoint-types.ts";

export interface FoundServer {
  type: LocalType | "openai";
  /** Without a path. */
  url: string;
  models: string[];
  /** Tokens, where the server tells. */
  context_window?: number;
}

/** What is not there answers at once on loopback; what is there but busy gets this long. */
const PATIENCE_MS = 1500;
const MAX_BYTES = 512 * 1024;

type Json = Record<string, unknown>;

interface Sign {
  type: FoundServer["type"];
  path: string;
  /** Whether the answer is this server's. */
  is(answer: Json): boolean;
}

/** The first that fits counts, so what others imitate comes last. */
const SIGNS: readonly Sign[] = [
  { type: "koboldcpp", path: "/api/extra/version", is: ({ result }) => result === "KoboldCpp" },
  { type: "ollama", path: "/api/tags", is: ({ models }) => Array.isArray(models) },
  { type: "webui", path: "/v1/internal/model/info", is: (answer) => "model_name" in answer },
  { type: "llamacpp", path: "/props", is: (answer) => "default_generation_settings" in answer },
  { type: "lmstudio", path: "/api/v0/models", is: ({ data }) => Array.isArray(data) },
  { type: "vllm", path: "/v1/models", is: ({ data }) => ownerOf(data) === "vllm" },
  { type: "openai", path: "/v1/models", is: ({ data }) => Array.isArray(data) },
  { type: "webui-legacy", path: "/api/v1/model", is: ({ result }) => typeof result === "string" },
];

/** In the order of `places`, which are the usual ones where none are given. */
export async function findServers(
  places: readonly string[] = usualPlaces(),
): Promise<FoundServer[]> {
  const found = await Promise.all(places.map(identify));
  return found.filter((server) => server !== undefined);
}

function usualPlaces(): string[] {
  return [...new Set(LOCAL_TYPES.map(usualRoot))];
}

async function identify(url: string): Promise<FoundServer | undefined> {
  for (const { type, path, is } of SIGNS) {
    const answer = await get(`${url}${path}`);
    if (answer === "nobody") return undefined;
    if (answer && is(answer)) {
      const context_window = await windowOf(type, url, answer);
      return {
        type,
        url,
        models: await modelsOf(type, url, answer),
        ...(context_window === undefined ? {} : { context_window }),
      };
    }
  }
  return undefined;
}

async function modelsOf(type: FoundServer["type"], url: string, answer: Json): Promise<string[]> {
  if (type === "ollama") return textsIn(answer.models, "name");
  if (type === "webui-legacy") return [String(answer.result)];
  const listed = await get(`${url}/v1/models`);
  return listed && listed !== "nobody" ? textsIn(listed.data, "id") : [];
}

async function windowOf(
  type: FoundServer["type"],
  url: string,
  answer: Json,
): Promise<number | undefined> {
  if (type === "llamacpp") return whole(mapping(answer.default_generation_settings)?.n_ctx);
  if (type !== "koboldcpp") return undefined;
  const said = await get(`${url}/api/extra/true_max_context_length`);
  return said && said !== "nobody" ? whole(said.value) : undefined;
}

/** An object; undefined for any other answer; "nobody" where no server listens. */
async function get(url: string): Promise<Json | undefined | "nobody"> {
  let response: Response;
  try {
    response = await fetch(url, { signal: AbortSignal.timeout(PATIENCE_MS), redirect: "manual" });
  } catch {
    return "nobody";
  }
  try {
    const length = Number(response.headers.get("content-length") ?? 0);
    if (!response.ok || length > MAX_BYTES) {
      await response.body?.cancel();
      return undefined;
    }
    return mapping(JSON.parse((await response.text()).slice(0, MAX_BYTES)));
  } catch {
    return undefined;
  }
}

function mapping(value: unknown): Json | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Json)
    : undefined;
}

function textsIn(list: unknown, key: string): string[] {
  const items = Array.isArray(list) ? list : [];
  return items.map((item) => mapping(item)?.[key]).filter((text) => typeof text === "string");
}

function ownerOf(data: unknown): unknown {
  return Array.isArray(data) ? mapping(data[0])?.owned_by : undefined;
}

function whole(value: unknown): number | undefined {
  return typeof value === "number" && Number.isInteger(value) && value >= 1024 ? value : undefined;
}
