/**
 * The models of the configuration, or the offline ones where there are none. The `openai` package
 * is loaded only when something is configured that needs it.
 */
import type { AppConfig, ModelConfig } from "../config/config.ts";
import { isOpenAi } from "../config/endpoint-types.ts";
import { LOADED_MODEL, NO_KEY } from "../config/model-lists.ts";
import { HashEmbedder } from "./adapters/offline/hash-embedder.ts";
import { OfflineChatModel } from "./adapters/offline/offline-chat-model.ts";
import { createTokenCounter } from "./adapters/tokens/token-counter.ts";
import type { ChatModel, Embedder } from "./memgpt/ports.ts";
import type { Clock, Ids } from "./shared/clock.ts";
import { type FilterDict, filterConfig } from "./shared/entry-filter.ts";
import type { Logger } from "./shared/logger.ts";

export type ModelList = "config_list" | "config_list_memgpt";

export interface Models {
  /** For plain agents (`config_list`). */
  plain: ChatModel;
  /** For MemGPT agents (`config_list_memgpt`). */
  memgpt: ChatModel;
  /** The same lists, of which only some entries may be used. At least one must be left. */
  filtered(list: ModelList, filter_dict: FilterDict): ChatModel;
  embedder: Embedder;
  /** Names of all models, for counting their tokens. */
  names: readonly string[];
  /** One line for the first screen. */
  summary: string;
}

export async function buildModels(
  config: AppConfig,
  deps: { clock: Clock; ids: Ids; logger: Logger },
): Promise<Models> {
  const { config_list, config_list_memgpt, embedding } = config.models;
  const offline = new OfflineChatModel();
  const configured = [...config_list, ...config_list_memgpt];
  const names = [...new Set(configured.map((entry) => entry.model))];
  if (configured.length === 0 && !embedding) {
    return {
      plain: offline,
      memgpt: offline,
      filtered: () => offline,
      embedder: new HashEmbedder(),
      names,
      summary: OFFLINE,
    };
  }
  const [{ createLinesModel }, { createChatLine }, { createCompletionsLine }, openai, limits] =
    await Promise.all([
      import("./adapters/model-http/chat-line.ts"),
      import("./adapters/openai/chat-model.ts"),
      import("./adapters/completions/completions-line.ts"),
      import("./adapters/openai/embedder.ts"),
      import("./adapters/model-http/request-limit.ts"),
    ]);
  const { concurrent_model_requests, model_timeout_ms } = config.limits;
  const modelDeps = {
    ...deps,
    limit: limits.createRequestLimit(concurrent_model_requests),
    timeout_ms: model_timeout_ms,
    rates: new WeakMap(),
  };
  const tokens = createTokenCounter(names);
  const chatModel = (entries: typeof config_list): ChatModel =>
    entries.length === 0
      ? offline
      : createLinesModel(
          entries.map((entry) =>
            entry.completions
              ? createCompletionsLine(entry, { ...modelDeps, tokens })
              : createChatLine(entry, modelDeps),
          ),
          modelDeps,
        );
  const plain = chatModel(config_list);
  const memgpt = chatModel(config_list_memgpt);
  const embedder = embedding ? openai.createEmbedder(embedding, modelDeps) : new HashEmbedder();
  const filtered = (list: ModelList, filter_dict: FilterDict): ChatModel =>
    chatModel(filterConfig(config.models[list], filter_dict));
  return {
    plain,
    memgpt,
    filtered,
    embedder,
    names,
    summary: summaryOf(config, plain, memgpt, embedder),
  };
}

const OFFLINE =
  "the offline model: it remembers, searches and quotes, but does not reason (set OPENAI_API_KEY, or write config/models.yaml)";

function summaryOf(
  { models: { config_list, config_list_memgpt } }: AppConfig,
  plain: ChatModel,
  memgpt: ChatModel,
  embedder: Embedder,
): string {
  if (plain.offline && memgpt.offline) return OFFLINE;
  const other = nameOf(plain.model, config_list[0]);
  const own = nameOf(memgpt.model, config_list_memgpt[0]);
  const chat = other === own ? own : `${own} for MemGPT agents, ${other} for the others`;
  const vectors = embedder.semantic ? embedder.name : "no embedding model (search by words)";
  return `${chat}; ${vectors}`;
}

/** With its server, unless that is OpenAI's; a server that serves what it has loaded is named alone. */
function nameOf(model: string, entry: ModelConfig | undefined): string {
  if (!entry || isOpenAi(entry.base_url)) return model;
  const { host, origin } = new URL(entry.base_url);
  return model === NO_KEY || model === LOADED_MODEL
    ? `the model at ${origin}`
    : `${model} at ${host}`;
}
