/**
 * Where texts become vectors: the section `embedding`, or the `embedding_*` keys of a
 * `config_list_memgpt` entry. Every vector space needs a known dimension.
 */
import { isOpenAi, localApi, OPENAI_URL, readEmbeddingType } from "./endpoint-types.ts";
import type { Fields } from "./fields.ts";
import type { EmbeddingConfig, ModelConfig } from "./model-lists.ts";

/** Numbers per vector of models that are widely used. */
const DIMENSIONS: ReadonlyMap<string, number> = new Map([
  ["text-embedding-ada-002", 1536],
  ["text-embedding-3-small", 1536],
  ["text-embedding-3-large", 3072],
  ["nomic-embed-text", 768],
  ["mxbai-embed-large", 1024],
  ["all-minilm", 384],
  ["bge-m3", 1024],
  ["bge-small-en-v1.5", 384],
  ["bge-base-en-v1.5", 768],
  ["bge-large-en-v1.5", 1024],
]);

/** Models that shorten their vectors on request. */
const SHORTENING = /^text-embedding-3-/;

/** What the chat entry lends to its embeddings. */
export interface MemgptEmbeddingContext {
  model: ModelConfig;
  openai_key: string | undefined;
}

/** `api_base`-like parts to a complete entry; undefined where the dimension cannot be known. */
export function embeddingOf(
  parts: Omit<EmbeddingConfig, "dimension" | "send_dimension">,
  wanted?: number,
): EmbeddingConfig | undefined {
  const native = dimensionOf(parts.model);
  const dimension = wanted ?? native;
  if (dimension === undefined) return undefined;
  const shorten = native !== undefined && dimension !== native && SHORTENING.test(parts.model);
  return { ...parts, dimension, ...(shorten ? { send_dimension: true } : {}) };
}

/** The section `embedding` of its own: the shape of a `config_list` entry, and `dimension`. */
export function readEmbedding(
  fields: Fields,
  openai_key: string | undefined,
): EmbeddingConfig | undefined {
  const azure = /^azure/i.test(fields.text("api_type") ?? "openai");
  const model = fields.text("model", { required: "the embedding model's name" });
  const base_url = azure
    ? fields.url("base_url", "the resource's endpoint: https://<resource>.openai.azure.com")
    : (fields.url("base_url") ?? OPENAI_URL);
  const api_version = azure
    ? fields.text("api_version", { required: "an API version, such as 2024-10-21" })
    : undefined;
  const openai = base_url === OPENAI_URL;
  const api_key =
    fields.secret("api_key", azure ? "the Azure key" : undefined) ??
    (openai ? openai_key : azure ? undefined : "NULL");
  if (api_key === undefined && openai) fields.fault("api_key", "nothing", "the key");
  const dimension = fields.whole("dimension", { min: 1, max: 16_384 });
  fields.done(new Map([["embedding_dim", "dimension"]]));
  if (!model || !base_url || !api_key) return undefined;
  const parts = { api_type: azure ? ("azure" as const) : ("openai" as const), model, base_url };
  return complete(
    fields,
    "dimension",
    { ...parts, api_key, ...(api_version ? { api_version } : {}) },
    dimension,
  );
}

/** The `embedding_*` keys of one `config_list_memgpt` entry; undefined when it has none. */
export function readMemgptEmbedding(
  fields: Fields,
  context: MemgptEmbeddingContext | undefined,
): EmbeddingConfig | undefined {
  const type = readEmbeddingType(fields);
  const endpoint = fields.url("embedding_endpoint");
  const model = fields.text("embedding_model");
  const dimension = fields.whole("embedding_dim", { min: 1, max: 16_384 });
  fields.whole("embedding_chunk_size", { min: 1, max: 100_000 });
  if (type === "local") return undefined;
  const given = type !== undefined || endpoint !== undefined || model !== undefined;
  if (!given || !context) return undefined;
  const { model: chat, openai_key } = context;

  if (type === "azure" || (type === undefined && chat.api_type === "azure")) {
    if (chat.api_type !== "azure" || chat.api_version === undefined) {
      fields.fault("embedding_endpoint_type", '"azure"', "an entry that is itself of type azure");
      return undefined;
    }
    const { api_key, api_version, base_url } = chat;
    const deployment = model ?? "text-embedding-ada-002";
    return complete(
      fields,
      "embedding_dim",
      {
        api_type: "azure",
        model: deployment,
        base_url: endpoint ?? base_url,
        api_key,
        api_version,
      },
      dimension,
    );
  }
  const local = type !== undefined && type !== "openai" ? localApi(type, endpoint) : undefined;
  const own = type === "openai" ? OPENAI_URL : chat.base_url;
  const base_url = local ?? endpoint ?? own;
  const openai = isOpenAi(base_url);
  if (openai && openai_key === undefined) {
    fields.fault("openai_key", "nothing", "the key for OpenAI's embeddings");
    return undefined;
  }
  return complete(
    fields,
    "embedding_dim",
    {
      api_type: "openai",
      model: model ?? "text-embedding-ada-002",
      base_url,
      // A key goes only to the server that it was given for.
      api_key: (openai ? openai_key : base_url === chat.base_url ? chat.api_key : "NULL") ?? "NULL",
    },
    dimension,
  );
}

function complete(
  fields: Fields,
  key: string,
  parts: Omit<EmbeddingConfig, "dimension" | "send_dimension">,
  dimension: number | undefined,
): EmbeddingConfig | undefined {
  const entry = embeddingOf(parts, dimension);
  if (!entry) {
    fields.fault(key, "nothing", `how many numbers a vector of ${parts.model} has`);
    return undefined;
  }
  const native = dimensionOf(parts.model);
  if (native !== undefined && entry.dimension !== native && !entry.send_dimension) {
    fields.fault(key, String(entry.dimension), `${native}, as ${parts.model} gives`);
  }
  return entry;
}

/** Without a router's prefix or a tag: `BAAI/bge-m3`, `nomic-embed-text:latest`. */
function dimensionOf(model: string): number | undefined {
  return DIMENSIONS.get(model.toLowerCase().replace(/^.*\//, "").replace(/:.*$/, ""));
}

/** The vectors that OpenAI gives whoever has its key, where the configuration says nothing. */
export function impliedEmbedding(models: readonly ModelConfig[]): EmbeddingConfig | undefined {
  const openai = models.find((entry) => isOpenAi(entry.base_url));
  return openai
    ? embeddingOf({
        api_type: "openai",
        model: "text-embedding-3-small",
        base_url: openai.base_url,
        api_key: openai.api_key,
        ...(openai.origin === undefined ? {} : { origin: openai.origin }),
      })
    : undefined;
}
