/**
 * AutoGen's helpers around `config_list`: filtering entries by their fields, and finding the list in an
 * environment variable or a file. Reading is the caller's; nothing that is handed in is changed.
 */
import { AutogenError } from "./errors.ts";

/** An entry of a `config_list`: model, key, address, and whatever else a backend wants. */
export type ConfigEntry = Readonly<Record<string, unknown>>;

/** Field to the values that are accepted; null among them accepts an entry without the field. */
export type FilterDict = Readonly<Record<string, readonly unknown[] | unknown>>;

/**
 * Entries of which every field of the filter has one of its values; a field that is a list (`tags`)
 * needs one value in common. With `exclude`, entries of which no field has.
 */
export function filterConfig<E extends ConfigEntry>(
  config_list: readonly E[],
  filter_dict: FilterDict | null | undefined,
  exclude = false,
): E[] {
  if (!filter_dict) return [...config_list];
  const filters = Object.entries(filter_dict);
  return config_list.filter((entry) =>
    filters.every(([key, wanted]) => {
      const value = Object.hasOwn(entry, key) ? entry[key] : undefined;
      return satisfies(value, [wanted].flat()) !== exclude;
    }),
  );
}

function satisfies(value: unknown, wanted: readonly unknown[]): boolean {
  if (value === undefined || value === null) {
    return wanted.some((one) => one === null || one === undefined);
  }
  if (Array.isArray(value)) return value.some((one) => wanted.includes(one));
  return wanted.includes(value);
}

export interface ConfigListSource {
  env: Readonly<Record<string, string | undefined>>;
  /** The text of a file, or undefined where there is none. */
  readFile: (path: string) => string | undefined | Promise<string | undefined>;
  /** Folder of the file. Default: the current one. */
  file_location?: string;
  filter_dict?: FilterDict;
}

/**
 * The list that a variable of this name holds, as JSON or as the path of a file; otherwise that of the
 * file of this name. Throws `config_list_missing` when there is neither, and `invalid_option` for
 * what is not a list as JSON.
 */
export async function configListFromJson(
  env_or_file: string,
  { env, readFile, file_location = "", filter_dict }: ConfigListSource,
): Promise<ConfigEntry[]> {
  const variable = Object.hasOwn(env, env_or_file) ? env[env_or_file] : undefined;
  const folder = file_location === "" ? "" : `${file_location.replace(/\/+$/, "")}/`;
  const text = variable
    ? ((await readFile(variable)) ?? variable)
    : await readFile(`${folder}${env_or_file}`);
  if (text === undefined) {
    throw new AutogenError("config_list_missing", `There is no config_list ${env_or_file}`, {
      why: "Neither an environment variable nor a file has this name",
      next: "Set the variable to the list as JSON, or to the path of a file with it.",
    });
  }
  return filterConfig(parsed(env_or_file, text), filter_dict);
}

function parsed(name: string, text: string): ConfigEntry[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The text may hold keys, so it is not shown.
    throw notAList(name);
  }
  const fits =
    Array.isArray(value) &&
    value.every((one) => one !== null && typeof one === "object" && !Array.isArray(one));
  if (!fits) throw notAList(name);
  return value as ConfigEntry[];
}

function notAList(name: string): AutogenError {
  return new AutogenError("invalid_option", `${name} does not hold a JSON list of entries`, {
    next: 'Write it as [{"model": "gpt-4", "api_key": "…"}].',
  });
}
