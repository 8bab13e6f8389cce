/**
 * AutoGen's helpers around `config_list`: filtering entries by their fields, and finding the list in an
 * environment variable or a file. Reading is the caller's; nothing that is handed in is changed.
 */
import { type FilterDict, filterConfig } from "../shared/entry-filter.ts";
import { AutogenError } from "./errors.ts";

/** An entry of a `config_list`: model, key, address, and whatever else a backend wants. */
export type ConfigEntry = Readonly<Record<string, unknown>>;

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
