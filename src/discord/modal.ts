/**
 * A form as Discord's modal, for commands and for whatever asks in mid-work, and what comes back of it.
 * A command's form says in its id which call it belongs to: Discord keeps it, so that what somebody
 * typed is good after a restart too.
 */
import type { ModalSubmitInteraction } from "discord.js";
import type { Form, FormField, OptionValue } from "../channels/command.ts";
import { cutGraphemes } from "./voice-name.ts";

const ROW = 1;
const TEXT_INPUT = 4;
const ONE_LINE = 1;
const PARAGRAPH = 2;
const MOST_FIELDS = 5;
const LONGEST_LABEL = 45;
const LONGEST_HINT = 100;
const LONGEST_INPUT = 4_000;
const LONGEST_ID = 100;
const PREFIX = "form";

/** A text that is longer than Discord lets anybody type is left out, so that it stays as it is. */
export function modalJson(custom_id: string, { title, fields }: Form): unknown {
  const asked = fields.filter(({ value = "" }) => value.length <= LONGEST_INPUT);
  return {
    custom_id,
    title: cutGraphemes(title, LONGEST_LABEL),
    components: asked
      .slice(0, MOST_FIELDS)
      .map((field) => ({ type: ROW, components: [textInput(field)] })),
  };
}

function textInput({ name, label, long, required, max_length, value, hint }: FormField): unknown {
  return {
    type: TEXT_INPUT,
    custom_id: name,
    label: cutGraphemes(label, LONGEST_LABEL),
    style: long ? PARAGRAPH : ONE_LINE,
    required: required ?? false,
    max_length: Math.min(Math.max(max_length, value?.length ?? 0), LONGEST_INPUT),
    ...(value ? { value: long ? value : value.replace(/\s+/g, " ") } : {}),
    ...(hint ? { placeholder: cutGraphemes(hint, LONGEST_HINT) } : {}),
  };
}

export function submittedTexts({ fields }: ModalSubmitInteraction): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const [name, field] of fields.fields) {
    if ("value" in field && typeof field.value === "string") texts.set(name, field.value);
  }
  return texts;
}

/** A command as called, without what its form asks for. */
export interface FormCall {
  name: string;
  subcommand: string | undefined;
  options: ReadonlyMap<string, OptionValue>;
}

/** Undefined where the call does not fit into an id; then nothing can be asked. */
export function formId({ name, subcommand, options }: FormCall, form: Form): string | undefined {
  const asked = new Set(form.fields.map((field) => field.name));
  const kept = [...options].filter(([option]) => !asked.has(option));
  const texts = kept.filter((entry): entry is [string, string] => typeof entry[1] === "string");
  if (texts.length < kept.length) return undefined;
  const id = [PREFIX, name, subcommand ?? "", new URLSearchParams(texts)].join(":");
  return id.length <= LONGEST_ID ? id : undefined;
}

/** Undefined for ids of another make. */
export function parseFormId(custom_id: string): FormCall | undefined {
  const [prefix, name, subcommand, ...rest] = custom_id.split(":");
  if (prefix !== PREFIX || !name || rest.length === 0) return undefined;
  return {
    name,
    subcommand: subcommand || undefined,
    options: new Map(new URLSearchParams(rest.join(":"))),
  };
}
