/**
 * What agents may do beyond talking and remembering: `extras` (files, HTTP requests, a question to a
 * plain model) and `idle_work` (putting memory in order while nobody writes). All of it is off unless
 * it is switched on here.
 */
import { describe, type Fields } from "./fields.ts";
import type { ConfigTexts } from "./texts.ts";

export interface ExtrasConfig {
  /** Text files in a folder of the agent's own. */
  files: boolean;
  /** Host names, or origins with another scheme or port; empty: no requests. */
  http_hosts: readonly string[];
  /** In capitals. */
  http_methods: readonly string[];
  message_chatgpt: boolean;
}

export interface IdleWorkConfig {
  /** How long nobody has written before it begins. */
  minutes: number;
  /** Of all channels together, by the UTC day. */
  tokens_per_day: number;
}

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];
const HOST = /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/i;

export function readExtras(fields: Fields): ExtrasConfig {
  const extras = {
    files: fields.flag("files") ?? false,
    http_hosts: texts(
      fields,
      "http_hosts",
      isHost,
      "a host's name such as api.example.org, or an origin such as http://host:8080",
    ),
    http_methods: texts(
      fields,
      "http_methods",
      (method) => METHODS.includes(method),
      `one of ${METHODS.join(", ")}`,
    ),
    message_chatgpt: fields.flag("message_chatgpt") ?? false,
  };
  fields.done();
  // What changes nothing elsewhere is all that a listed host is open to, unless more is asked for.
  return extras.http_methods.length > 0 ? extras : { ...extras, http_methods: ["GET"] };
}

/** Undefined: no idle work. */
export function readIdleWork(fields: Fields): IdleWorkConfig | undefined {
  const minutes = fields.whole("minutes", { min: 0, max: 10_080 });
  const tokens_per_day = fields.whole("tokens_per_day", { min: 1000, max: 100_000_000 }) ?? 20_000;
  fields.done();
  return minutes ? { minutes, tokens_per_day } : undefined;
}

/** One note for each preset in use that names what is off. */
export function extrasNotes(
  extras: ExtrasConfig,
  used: readonly string[],
  { presets }: ConfigTexts,
): string[] {
  const switches: readonly (readonly [name: string, on: boolean, key: string])[] = [
    ["read_from_text_file", extras.files, "extras.files"],
    ["append_to_text_file", extras.files, "extras.files"],
    ["http_request", extras.http_hosts.length > 0, "extras.http_hosts"],
    ["message_chatgpt", extras.message_chatgpt, "extras.message_chatgpt"],
  ];
  return [...new Set(used)].flatMap((preset) => {
    const names = presets.get(preset)?.functions ?? [];
    const off = switches.filter(([name, on]) => !on && names.includes(name));
    if (off.length === 0) return [];
    const keys = [...new Set(off.map(([, , key]) => key))];
    return [
      `Preset ${preset}: ${off.map(([name]) => name).join(", ")} left out, because ${keys.join(" and ")} ${keys.length > 1 ? "are" : "is"} off.`,
    ];
  });
}

function texts(
  fields: Fields,
  key: string,
  isRight: (text: string) => boolean,
  wanted: string,
): string[] {
  const found: string[] = [];
  for (const [i, value] of (fields.list(key) ?? []).entries()) {
    if (typeof value === "string" && isRight(value)) found.push(value);
    else fields.fault(`${key}[${i}]`, describe(value), wanted);
  }
  return found;
}

/** A name, or an origin and nothing behind it. */
function isHost(text: string): boolean {
  if (HOST.test(text)) return true;
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return false;
  const url = new URL(text);
  return url.origin === text.toLowerCase().replace(/\/$/, "");
}
