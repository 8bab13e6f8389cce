import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type { ErrorObject, ValidateFunction } from "ajv";
import { isObject, type JsonObject, listOf, objectOf, textOf } from "./json.ts";
import type { Answer, RestRequest } from "./route.ts";

const BESIDE_THE_REPOSITORY = "../../../../shared/data/discord-openapi.json";
const DOCUMENT = "discord.json";

/**
 * Fields that discord.js sends and the document does not list; Discord ignores them.
 * `tts` and `enforce_nonce`: MessagePayload fills them in for every kind of message.
 * `username`: `Webhook#editMessage` repeats the webhook's name, which only a new post can set.
 */
const ALLOWED_EXTRA: ReadonlySet<string> = new Set(["tts", "enforce_nonce"]);
const ALLOWED_ON_WEBHOOK_EDIT: ReadonlySet<string> = new Set(["username"]);

/** Checks requests and answers; each gives the list of faults, empty when all is well. */
export interface OpenApiCheck {
  request(record: RestRequest, multipart: boolean): string[];
  answer(record: RestRequest, answer: Answer): string[];
}

const noCheck: OpenApiCheck = { request: () => [], answer: () => [] };

let loaded: OpenApiCheck | undefined;

/** Where Discord's OpenAPI document would be: `DISCORD_OPENAPI`, or beside the repository. */
export function documentPath(): string {
  return (
    process.env.DISCORD_OPENAPI ?? fileURLToPath(new URL(BESIDE_THE_REPOSITORY, import.meta.url))
  );
}

/** The check against Discord's own document; one that passes everything where it is not present. */
export function loadOpenApi(wanted: boolean): OpenApiCheck {
  const path = documentPath();
  if (!wanted || !existsSync(path)) return noCheck;
  loaded ??= new DocumentCheck(JSON.parse(readFileSync(path, "utf8")) as JsonObject);
  return loaded;
}

/** Compiles a route's schemas when the route is first used, and keeps them. */
class DocumentCheck implements OpenApiCheck {
  readonly #document: JsonObject;
  readonly #compile: (pointer: readonly string[]) => ValidateFunction;
  readonly #compiled = new Map<string, ValidateFunction | undefined>();
  readonly #known = new Map<string, Set<string> | undefined>();

  constructor(document: JsonObject) {
    this.#document = document;
    // Both packages are CommonJS and are needed only where the document is present.
    const require = createRequire(import.meta.url);
    const { Ajv2020 } = require("ajv/dist/2020.js") as typeof import("ajv/dist/2020.js");
    const formats = require("ajv-formats") as typeof import("ajv-formats");
    const ajv = new Ajv2020({ strict: false, validateSchema: false, allErrors: true });
    formats.default(ajv);
    ajv.addFormat("snowflake", /^\d{17,20}$|^0$/);
    ajv.addFormat("nonce", /^[\s\S]{1,25}$/);
    ajv.addSchema({ $id: DOCUMENT, paths: document.paths, components: document.components });
    this.#compile = (pointer) =>
      ajv.compile({ $ref: `${DOCUMENT}#/${pointer.map(escapePointer).join("/")}` });
  }

  request(record: RestRequest, multipart: boolean): string[] {
    const operation = this.#operation(record);
    if (operation === undefined) return [];
    const faults = this.#query(record, operation);
    const at = [...place(record), "requestBody", "content", "application/json", "schema"];
    if (lookUp(this.#document, at) === undefined) {
      if (record.body !== undefined && multipart === false) {
        faults.push("spec: this route takes no body");
      }
      return faults;
    }
    const body = normalised(record.body);
    faults.push(...this.#run(at, body, "request"));
    if (isObject(body)) faults.push(...this.#extras(at, body));
    return faults;
  }

  answer(record: RestRequest, answer: Answer): string[] {
    const responses = objectOf(this.#operation(record)?.responses);
    if (record.route === "" || Object.keys(responses).length === 0) return [];
    const status = String(answer.status);
    const key = status in responses ? status : `${status[0]}XX`;
    if (!(key in responses)) return [`spec: status ${status} is not documented`];
    let at = [...place(record), "responses", key];
    const reference = textOf(objectOf(responses[key]).$ref);
    if (reference !== undefined) at = reference.slice(2).split("/");
    at = [...at, "content", "application/json", "schema"];
    if (lookUp(this.#document, at) === undefined) return [];
    const body: unknown = JSON.parse(JSON.stringify(answer.body ?? null));
    // The document types the codes inside `errors` as integers; Discord sends words there.
    if (answer.status >= 400 && isObject(body)) delete body.errors;
    return this.#run(at, body, "answer");
  }

  #operation(record: RestRequest): JsonObject | undefined {
    const found = lookUp(this.#document, place(record));
    return isObject(found) ? found : undefined;
  }

  #query(record: RestRequest, operation: JsonObject): string[] {
    const faults: string[] = [];
    const known = new Map<string, number>();
    listOf(operation.parameters).forEach((parameter, i) => {
      if (isObject(parameter) && parameter.in === "query") known.set(String(parameter.name), i);
    });
    for (const [name, text] of record.query) {
      const index = known.get(name);
      if (index === undefined) {
        faults.push(`spec: query parameter ${name} is not documented`);
        continue;
      }
      const at = [...place(record), "parameters", String(index), "schema"];
      const values = [text, Number(text), text === "true" ? true : text === "false" ? false : text];
      const results = values.map((value) => this.#run(at, value, `query ${name}`));
      if (results.every((result) => result.length > 0)) faults.push(...(results[0] ?? []));
    }
    return faults;
  }

  #run(at: readonly string[], value: unknown, what: string): string[] {
    const key = at.join(" ");
    if (!this.#compiled.has(key)) this.#compiled.set(key, this.#compile(at));
    const validate = this.#compiled.get(key);
    if (validate === undefined || validate(value)) return [];
    return [`spec: ${what}: ${(validate.errors ?? []).slice(0, 6).map(line).join("; ")}`];
  }

  /** Fields of the body that no variant of the schema names. */
  #extras(at: readonly string[], body: JsonObject): string[] {
    const key = at.join(" ");
    if (!this.#known.has(key)) {
      const names = new Set<string>();
      const complete = this.#names(lookUp(this.#document, at), names, 0);
      this.#known.set(key, complete ? names : undefined);
    }
    const known = this.#known.get(key);
    if (known === undefined) return [];
    const webhookEdit = at[1]?.startsWith("/webhooks/") === true && at[2] === "patch";
    return Object.keys(body)
      .filter((name) => !known.has(name) && !ALLOWED_EXTRA.has(name))
      .filter((name) => !(webhookEdit && ALLOWED_ON_WEBHOOK_EDIT.has(name)))
      .map((name) => `spec: request: field ${name} is not documented`);
  }

  #names(schema: unknown, into: Set<string>, depth: number): boolean {
    if (!isObject(schema) || depth > 8) return false;
    const reference = textOf(schema.$ref);
    if (reference !== undefined) {
      return this.#names(lookUp(this.#document, reference.slice(2).split("/")), into, depth + 1);
    }
    for (const name of Object.keys(objectOf(schema.properties))) into.add(name);
    for (const key of ["allOf", "anyOf", "oneOf"]) {
      for (const variant of listOf(schema[key])) this.#names(variant, into, depth + 1);
    }
    return into.size > 0;
  }
}

/**
 * The one deviation in kind: discord.js sends permission bits as a decimal string, as Discord's
 * prose documentation asks, where the document has an integer.
 */
function normalised(body: unknown): unknown {
  if (Array.isArray(body)) return body.map(normalised);
  if (!isObject(body) || typeof body.default_member_permissions !== "string") return body;
  return { ...body, default_member_permissions: Number(body.default_member_permissions) };
}

function place(record: RestRequest): string[] {
  return ["paths", record.route, record.method.toLowerCase()];
}

function lookUp(document: unknown, at: readonly string[]): unknown {
  let node = document;
  for (const step of at) {
    if (Array.isArray(node)) node = node[Number(step)];
    else if (isObject(node)) node = node[step];
    else return undefined;
  }
  return node;
}

function escapePointer(step: string): string {
  return encodeURIComponent(step.replaceAll("~", "~0").replaceAll("/", "~1"));
}

function line(error: ErrorObject): string {
  return `${error.instancePath === "" ? "body" : error.instancePath} ${error.message ?? ""}`;
}
