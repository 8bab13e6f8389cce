/**
 * `${NAME}` in the values of the configuration: replaced by the environment's variable. Also the
 * `os.getenv("NAME")` that comes along when a Python example is pasted. Keys are left alone.
 */
import { FAULTED, type Faults, isMapping } from "./fields.ts";

type Environment = Readonly<Record<string, string | undefined>>;

const REFERENCE = /(\$?)\$\{([^}]*)\}/g;
const PYTHON = /^os\.(?:getenv|environ\.get)\(\s*["'](\w+)["']\s*\)$/;

/**
 * A copy of `value` with every variable in its place. A variable that is not set, or empty, is a
 * fault at its key, and `FAULTED` stands where the text would. `$${` is a plain `${`.
 */
export function interpolate(value: unknown, env: Environment, faults: Faults, path = ""): unknown {
  if (typeof value === "string") return interpolateText(value, env, faults, path);
  if (Array.isArray(value)) {
    return value.map((item, i) => interpolate(item, env, faults, `${path}[${i}]`));
  }
  if (!isMapping(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      interpolate(item, env, faults, path === "" ? key : `${path}.${key}`),
    ]),
  );
}

function interpolateText(
  text: string,
  env: Environment,
  faults: Faults,
  path: string,
): string | typeof FAULTED {
  const source = text.replace(PYTHON, (_all, name: string) => `\${${name}}`);
  let faulted = false;
  const result = source.replace(REFERENCE, (all, escaped: string, name: string) => {
    if (escaped !== "") return all.slice(1);
    const value = env[name.trim()];
    if (value !== undefined && value !== "") return value;
    faulted = true;
    faults.add(
      path,
      `\${${name}}, which is not set`,
      `the variable ${name.trim()} in the environment or in .env`,
    );
    return all;
  });
  return faulted ? FAULTED : result;
}
