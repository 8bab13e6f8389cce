/**
 * A GBNF grammar that lets a model write exactly one call of the offered functions, in the form of a
 * wrapper. Made from the functions' schemas, so that it fits whatever an agent may call.
 */
import type { ToolParameters, ToolSchema } from "../../memgpt/ports.ts";
import type { Wrapper } from "./wrappers.ts";

/** Rules that every grammar ends with. Blanks are bounded: some models would write them for ever. */
const BASE = [
  String.raw`string ::= "\"" ( [^"\\\x00-\x1F] | "\\" ( ["\\/bfnrt] | "u" hex hex hex hex ) )* "\""`,
  "hex ::= [0-9a-fA-F]",
  'integer ::= "-"? [0-9] [0-9]? [0-9]? [0-9]? [0-9]? [0-9]? [0-9]? [0-9]? [0-9]?',
  'number ::= integer ( "." [0-9] [0-9]? [0-9]? [0-9]? [0-9]? [0-9]? )?',
  'boolean ::= "true" | "false"',
  'value ::= string | number | boolean | "null" | list | object',
  'list ::= "[" ws ( value ws ( "," ws value ws )* )? "]"',
  'object ::= "{" ws ( string ":" ws value ws ( "," ws string ":" ws value ws )* )? "}"',
  String.raw`ws ::= [ \n]? [ ]? [ ]? [ ]? [ ]? [ ]? [ ]? [ ]? [ ]?`,
];

export function callGrammar(tools: readonly ToolSchema[], thoughts: Wrapper["thoughts"]): string {
  const inner = `${key("inner_thoughts")} string`;
  const top = thoughts === "top" ? `${inner} "," ws ` : "";
  const names = tools.map((_, i) => `call-${i}`);
  const rules = tools.map(
    ({ function: { name, parameters } }, i) =>
      `call-${i} ::= ${key("function")} ${literal(name)} "," ws ${key("params")} ${paramsRule(parameters, thoughts === "params" ? [inner] : [])}`,
  );
  const none = thoughts === "top" ? [`${key("function")} "null"`] : [];
  return [
    `root ::= "{" ws ${top}( ${[...names, ...none].join(" | ")} ) ws "}"`,
    ...rules,
    ...BASE,
  ].join("\n");
}

/** Required parameters in the schema's order, then those that may be left out. */
function paramsRule(
  { properties, required = [] }: ToolParameters,
  first: readonly string[],
): string {
  const must = [...first];
  const may: string[] = [];
  for (const [name, schema] of Object.entries(properties)) {
    (required.includes(name) ? must : may).push(`${key(name)} ${valueRule(schema)}`);
  }
  const all = [must.join(' "," ws '), ...optional(may, must.length === 0)].filter(Boolean);
  return `"{" ws ${[...all, "ws"].join(" ")} "}"`;
}

/** Each one may be missing; the first of an object has no comma before it. */
function optional(items: readonly string[], leads: boolean): string[] {
  const [head, ...tail] = items;
  if (head === undefined) return [];
  if (!leads) return items.map((item) => `( "," ws ${item} )?`);
  return [`( ${[head, ...optional(tail, false)].join(" ")} )?`];
}

function valueRule(schema: Readonly<Record<string, unknown>>): string {
  const choices = Array.isArray(schema.enum) ? schema.enum : [];
  if (choices.length > 0) return `( ${choices.map(literal).join(" | ")} )`;
  switch (schema.type) {
    case "string":
    case "integer":
    case "number":
    case "boolean":
    case "object":
      return schema.type;
    case "array":
      return "list";
    default:
      return "value";
  }
}

/** `"name": ` as the model writes it. */
function key(name: string): string {
  return `${literal(name).slice(0, -1)}:" ws`;
}

/** A JSON value as a terminal. */
function literal(value: unknown): string {
  return JSON.stringify(JSON.stringify(value));
}
