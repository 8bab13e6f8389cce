/**
 * MemGPT's model wrappers by name: a template, where thoughts stand in a call, and how the answer is
 * made to begin. Names are those of `model_wrapper`.
 */
import { AIROBOROS, CHATML, CHATML_ROLES, DOLPHIN, type Template, ZEPHYR } from "./templates.ts";

export interface Wrapper {
  template: Template;
  /**
   * Where a call has its thoughts: `params` first among the parameters, `top` beside the function
   * (which may then be left out), `none` nowhere; past ones stand before the call as text.
   */
  thoughts: "params" | "top" | "none";
  /** People's lines as words, instead of the whole event in JSON. */
  plain_lines: boolean;
  /** The beginning of the answer, put into the model's mouth. */
  forced: string;
  /** Reminders about memory before each answer. */
  hints: boolean;
  /** Asks servers that take one for a grammar; with it nothing is forced. */
  grammar: boolean;
}

const FUNCTION_FIRST = '\n{\n  "function":';
const THOUGHTS_FIRST = '\n{\n  "inner_thoughts":';

const chatml: Wrapper = {
  template: CHATML,
  thoughts: "params",
  plain_lines: false,
  forced: FUNCTION_FIRST,
  hints: false,
  grammar: false,
};
const noforce: Wrapper = { ...chatml, thoughts: "top", forced: THOUGHTS_FIRST };

const PLAIN_FORMS: readonly (readonly [name: string, wrapper: Wrapper])[] = [
  ["airoboros-l2-70b-2.1", { ...chatml, template: AIROBOROS, plain_lines: true }],
  ["chatml", chatml],
  ["chatml-hints", { ...chatml, hints: true }],
  ["chatml-noforce", noforce],
  ["chatml-noforce-hints", { ...noforce, hints: true }],
  ["chatml-noforce-roles", { ...noforce, template: CHATML_ROLES }],
  [
    "dolphin-2.1-mistral-7b",
    { ...chatml, template: DOLPHIN, thoughts: "none", plain_lines: true, forced: "\n{" },
  ],
  ["zephyr-7B", { ...chatml, template: ZEPHYR, plain_lines: true, forced: "\n{" }],
];

const WRAPPERS: ReadonlyMap<string, Wrapper> = new Map(
  PLAIN_FORMS.flatMap(([name, wrapper]) => [
    [name, wrapper] as const,
    [`${name}-grammar`, { ...wrapper, grammar: true }] as const,
  ]),
);

export const WRAPPER_NAMES: readonly string[] = [...WRAPPERS.keys()];

/** Throws a `TypeError` for a name that is not in `WRAPPER_NAMES`. */
export function wrapperNamed(name: string): Wrapper {
  const wrapper = WRAPPERS.get(name);
  if (!wrapper) throw new TypeError(`There is no model wrapper ${name}.`);
  return wrapper;
}
