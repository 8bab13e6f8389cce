import type { FieldFault } from "./api-error.ts";
import { OPTION } from "./constants.ts";
import { isObject, type JsonObject, lengthOf, listOf, numberOf, objectOf, textOf } from "./json.ts";

/** Limits on embeds and components, with the fault that Discord names for each. */

type Path = readonly (string | number)[];

interface Check {
  faults: FieldFault[];
  customIds: Set<string>;
  count: number;
  text: number;
}

export function tooLong(path: Path, max: number): FieldFault {
  return {
    path,
    code: "BASE_TYPE_MAX_LENGTH",
    message: `Must be ${max} or fewer in length.`,
  };
}

export function badLength(path: Path, min: number, max: number): FieldFault {
  return {
    path,
    code: "BASE_TYPE_BAD_LENGTH",
    message: `Must be between ${min} and ${max} in length.`,
  };
}

export function required(path: Path): FieldFault {
  return { path, code: "BASE_TYPE_REQUIRED", message: "This field is required" };
}

const EMBED_LIMITS: readonly (readonly [key: string, max: number])[] = [
  ["title", 256],
  ["description", 4096],
];

export function embedFaults(embeds: readonly unknown[]): FieldFault[] {
  const faults: FieldFault[] = [];
  if (embeds.length > 10) faults.push(badLength(["embeds"], 0, 10));
  let total = 0;
  embeds.forEach((raw, i) => {
    const embed = isObject(raw) ? raw : {};
    const at = (path: Path): Path => ["embeds", i, ...path];
    const measure = (value: unknown, path: Path, max: number): void => {
      const length = lengthOf(textOf(value) ?? "");
      total += length;
      if (length > max) faults.push(tooLong(at(path), max));
    };
    for (const [key, max] of EMBED_LIMITS) measure(embed[key], [key], max);
    measure(isObject(embed.footer) ? embed.footer.text : "", ["footer", "text"], 2048);
    measure(isObject(embed.author) ? embed.author.name : "", ["author", "name"], 256);
    const fields = listOf(embed.fields);
    if (fields.length > 25) faults.push(badLength(at(["fields"]), 0, 25));
    fields.forEach((field, j) => {
      const { name, value } = isObject(field) ? field : {};
      if ((textOf(name) ?? "") === "") faults.push(required(at(["fields", j, "name"])));
      if ((textOf(value) ?? "") === "") faults.push(required(at(["fields", j, "value"])));
      measure(name, ["fields", j, "name"], 256);
      measure(value, ["fields", j, "value"], 1024);
    });
  });
  if (total > 6000) {
    faults.push({
      path: ["embeds"],
      code: "MAX_EMBED_SIZE_EXCEEDED",
      message: "Embed size exceeds maximum size of 6000",
    });
  }
  return faults;
}

const V2_TYPES = new Set([9, 10, 11, 12, 13, 14, 17]);
const SELECTS = new Set([3, 5, 6, 7, 8]);

/** Checks a message's components. `v2` is the flag that lifts the five-row rule and forbids content. */
export function componentFaults(components: readonly unknown[], v2: boolean): FieldFault[] {
  const check: Check = { faults: [], customIds: new Set(), count: 0, text: 0 };
  if (!v2 && components.length > 5) check.faults.push(badLength(["components"], 0, 5));
  components.forEach((raw, i) => {
    const path = ["components", i];
    const type = isObject(raw) ? numberOf(raw.type) : undefined;
    if (type !== 1 && !(v2 && type !== undefined && V2_TYPES.has(type))) {
      check.faults.push({
        path: [...path, "type"],
        code: "BASE_TYPE_CHOICES",
        message: v2
          ? "Value must be one of {1, 9, 10, 12, 13, 14, 17}."
          : "Value must be one of {1}.",
      });
    }
    walk(check, raw, path);
  });
  if (v2 && check.count > 40) check.faults.push(badLength(["components"], 1, 40));
  if (check.text > 4000) {
    check.faults.push({
      path: ["components"],
      code: "COMPONENT_MAX_TOTAL_TEXT_LENGTH",
      message: "The total displayable text of components exceeds 4000 characters",
    });
  }
  return check.faults;
}

function walk(check: Check, raw: unknown, path: Path): void {
  check.count += 1;
  if (!isObject(raw)) {
    check.faults.push({ path, code: "MODEL_TYPE_CONVERT", message: "Only dictionaries allowed." });
    return;
  }
  const type = numberOf(raw.type);
  if (type === 1) row(check, raw, path);
  else if (type === 2) button(check, raw, path);
  else if (type !== undefined && SELECTS.has(type)) select(check, raw, path);
  else if (type === 10) {
    const content = textOf(raw.content) ?? "";
    if (content === "") check.faults.push(required([...path, "content"]));
    check.text += lengthOf(content);
  }
  const inner = type === 1 || type === 9 || type === 17 ? listOf(raw.components) : [];
  inner.forEach((child, i) => {
    walk(check, child, [...path, "components", i]);
  });
  if (raw.accessory !== undefined) walk(check, raw.accessory, [...path, "accessory"]);
}

function row(check: Check, raw: JsonObject, path: Path): void {
  const parts = listOf(raw.components);
  const selects = parts.filter((p) => isObject(p) && SELECTS.has(numberOf(p.type) ?? -1));
  const max = selects.length > 0 ? 1 : 5;
  if (parts.length < 1 || parts.length > max) {
    check.faults.push(badLength([...path, "components"], 1, max));
  }
}

function button(check: Check, raw: JsonObject, path: Path): void {
  const style = numberOf(raw.style);
  const label = textOf(raw.label) ?? "";
  if (lengthOf(label) > 80) check.faults.push(tooLong([...path, "label"], 80));
  if (label === "" && raw.emoji === undefined && style !== 6) {
    check.faults.push(required([...path, "label"]));
  }
  if (style === 5) {
    if (textOf(raw.url) === undefined) check.faults.push(required([...path, "url"]));
  } else if (style === undefined || style < 1 || style > 6) {
    check.faults.push(required([...path, "style"]));
  } else if (style !== 6) {
    customId(check, raw, path);
  }
}

function select(check: Check, raw: JsonObject, path: Path): void {
  customId(check, raw, path);
  if (raw.type !== 3) return;
  const options = listOf(raw.options);
  if (options.length < 1 || options.length > 25) {
    check.faults.push(badLength([...path, "options"], 1, 25));
  }
  const values = new Set<unknown>();
  options.forEach((option, i) => {
    const { label, value } = isObject(option) ? option : {};
    for (const [key, text] of [
      ["label", label],
      ["value", value],
    ] as const) {
      const length = lengthOf(textOf(text) ?? "");
      if (length < 1 || length > 100) {
        check.faults.push(badLength([...path, "options", i, key], 1, 100));
      }
    }
    if (values.has(value)) {
      check.faults.push({
        path: [...path, "options", i, "value"],
        code: "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED",
        message: "The specified option value is already used",
      });
    }
    values.add(value);
  });
}

function customId(check: Check, raw: JsonObject, path: Path): void {
  const id = textOf(raw.custom_id) ?? "";
  const length = lengthOf(id);
  if (length < 1 || length > 100) check.faults.push(badLength([...path, "custom_id"], 1, 100));
  else if (check.customIds.has(id)) {
    check.faults.push({
      path: [...path, "custom_id"],
      code: "COMPONENT_CUSTOM_ID_DUPLICATED",
      message: "Component custom id cannot be duplicated",
    });
  }
  check.customIds.add(id);
}

/** Gives every component the integer `id` and the defaults that Discord's answers carry. */
export function numbered(components: readonly unknown[]): JsonObject[] {
  let next = 0;
  const visit = (raw: unknown): JsonObject => {
    const component = isObject(raw) ? raw : {};
    next += 1;
    const id = numberOf(component.id) ?? next;
    const children = component.components;
    return {
      ...defaultsOf(numberOf(component.type) ?? 0),
      ...component,
      id,
      ...(Array.isArray(children) ? { components: children.map(visit) } : {}),
      ...(isObject(component.accessory) ? { accessory: visit(component.accessory) } : {}),
    };
  };
  return components.map(visit);
}

function defaultsOf(type: number): JsonObject {
  if (SELECTS.has(type)) return { min_values: 1, max_values: 1 };
  if (type === 14) return { spacing: 1, divider: true };
  return type === 17 ? { accent_color: null, spoiler: false } : {};
}

/** The limits on choices, which autocomplete answers share with registered options. */
export function choiceFaults(
  choices: readonly unknown[],
  path: readonly (string | number)[],
  kind: number = OPTION.string,
): FieldFault[] {
  const faults: FieldFault[] = [];
  if (choices.length > 25) faults.push(badLength(path, 0, 25));
  choices.forEach((choice, i) => {
    const { name, value } = objectOf(choice);
    const length = typeof name === "string" ? lengthOf(name) : 0;
    if (length < 1 || length > 100) faults.push(badLength([...path, i, "name"], 1, 100));
    const fits = kind === OPTION.string ? typeof value === "string" : typeof value === "number";
    const isText = typeof value === "string" && (value === "" || lengthOf(value) > 100);
    if (!fits && !(kind === OPTION.string && typeof value === "number")) {
      faults.push({
        path: [...path, i, "value"],
        code: "BASE_TYPE_REQUIRED",
        message: "bad value",
      });
    } else if (isText) faults.push(badLength([...path, i, "value"], 1, 100));
  });
  return faults;
}
