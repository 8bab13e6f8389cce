import type { FieldFault } from "./api-error.ts";
import { badLength, required, tooLong } from "./component-rules.ts";
import { isObject, type JsonObject, lengthOf, listOf, numberOf, textOf } from "./json.ts";

/** Discord's limits on modals, and what its client lets a person send in. */

type Path = readonly (string | number)[];

const ROW = 1;
const TEXT_INPUT = 4;
const LONGEST_TEXT = 4000;

/** Faults of a modal callback's `data`. */
export function modalFaults(data: JsonObject): FieldFault[] {
  const faults: FieldFault[] = [];
  lengthBetween(faults, data.custom_id, ["data", "custom_id"], 100);
  lengthBetween(faults, data.title, ["data", "title"], 45);
  const rows = listOf(data.components);
  if (rows.length < 1 || rows.length > 5) faults.push(badLength(["data", "components"], 1, 5));
  const ids = new Set<unknown>();
  rows.forEach((raw, i) => {
    const path = ["data", "components", i];
    const row = isObject(raw) ? raw : {};
    const [input, ...more] = listOf(row.components);
    if (row.type !== ROW || !isObject(input) || input.type !== TEXT_INPUT || more.length > 0) {
      faults.push({ path, code: "BASE_TYPE_CHOICES", message: "A row holds one text input." });
      return;
    }
    if (ids.has(input.custom_id)) {
      faults.push({
        path: [...path, "components", 0, "custom_id"],
        code: "COMPONENT_CUSTOM_ID_DUPLICATED",
        message: "Component custom id cannot be duplicated",
      });
    }
    ids.add(input.custom_id);
    faults.push(...inputFaults(input, [...path, "components", 0]));
  });
  return faults;
}

function inputFaults(input: JsonObject, path: Path): FieldFault[] {
  const faults: FieldFault[] = [];
  lengthBetween(faults, input.custom_id, [...path, "custom_id"], 100);
  lengthBetween(faults, input.label, [...path, "label"], 45);
  if (![1, 2].includes(numberOf(input.style) ?? 0)) faults.push(required([...path, "style"]));
  const { min, max } = bounds(input);
  if (min < 0 || min > LONGEST_TEXT) faults.push(badLength([...path, "min_length"], 0, 4000));
  if (max < 1 || max > LONGEST_TEXT) faults.push(badLength([...path, "max_length"], 1, 4000));
  const hint = lengthOf(textOf(input.placeholder) ?? "");
  if (hint > 100) faults.push(tooLong([...path, "placeholder"], 100));
  const value = lengthOf(textOf(input.value) ?? "");
  if (value > max) faults.push(tooLong([...path, "value"], max));
  return faults;
}

function lengthBetween(faults: FieldFault[], text: unknown, path: Path, max: number): void {
  const length = lengthOf(textOf(text) ?? "");
  if (length < 1 || length > max) faults.push(badLength(path, 1, max));
}

function bounds(input: JsonObject): { min: number; max: number } {
  return { min: numberOf(input.min_length) ?? 0, max: numberOf(input.max_length) ?? LONGEST_TEXT };
}

function inputsOf(modal: JsonObject): JsonObject[] {
  return listOf(modal.components)
    .flatMap((row) => (isObject(row) ? listOf(row.components) : []))
    .filter(isObject);
}

/** What stands in the modal's inputs before anybody types. */
export function prefilled(modal: JsonObject): Record<string, string> {
  const entries = inputsOf(modal).map((input) => [input.custom_id, textOf(input.value) ?? ""]);
  return Object.fromEntries(entries);
}

/** All inputs as sent in: what was typed, or what stood there. Throws for what a client refuses. */
export function filledIn(modal: JsonObject, typed: Record<string, string>): Record<string, string> {
  const values = { ...prefilled(modal), ...typed };
  const inputs = inputsOf(modal);
  for (const name of Object.keys(typed)) {
    if (!inputs.some((input) => input.custom_id === name)) {
      throw new Error(`the modal has no input "${name}"`);
    }
  }
  for (const input of inputs) {
    const name = String(input.custom_id);
    const length = lengthOf(values[name] ?? "");
    const { min, max } = bounds(input);
    if (length === 0 && input.required !== false) throw new Error(`"${name}" is required`);
    if (length > max || (length > 0 && length < min))
      throw new Error(`"${name}" is ${length} long`);
  }
  return values;
}
