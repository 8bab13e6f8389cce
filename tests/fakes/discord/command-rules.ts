import { type FieldFault, invalidForm } from "./api-error.ts";
import { badLength, choiceFaults, required, tooLong } from "./component-rules.ts";
import { OPTION } from "./constants.ts";
import { isObject, type JsonObject, lengthOf, listOf, numberOf, textOf } from "./json.ts";

const NAME = /^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$/u;
const MAX_TOTAL = 8000;
const MAX_OPTIONS = 25;
const MAX_CHAT_COMMANDS = 100;

type Path = readonly (string | number)[];

/** Throws 50035 with every fault of a list of commands to be registered. */
export function checkCommands(commands: readonly unknown[], at: (index: number) => Path): void {
  const faults: FieldFault[] = [];
  const names = new Set<string>();
  if (commands.length > MAX_CHAT_COMMANDS) faults.push(badLength([], 0, MAX_CHAT_COMMANDS));
  commands.forEach((raw, i) => {
    const path = at(i);
    const command = isObject(raw) ? raw : {};
    const type = numberOf(command.type) ?? 1;
    const key = `${type} ${textOf(command.name)}`;
    if (names.has(key)) {
      faults.push({
        path: [...path, "name"],
        code: "APPLICATION_COMMANDS_DUPLICATE_NAME",
        message: "Application command names must be unique",
      });
    }
    names.add(key);
    if (type === 1) {
      nameFault(faults, command.name, [...path, "name"]);
      described(faults, command, path);
      const size = optionFaults(faults, listOf(command.options), path, 0);
      if (size + sizeOf(command) > MAX_TOTAL) {
        faults.push({
          path,
          code: "APPLICATION_COMMAND_TOO_LARGE",
          message: `Command exceeds maximum size (${MAX_TOTAL})`,
        });
      }
    } else {
      const length = lengthOf(textOf(command.name) ?? "");
      if (length < 1 || length > 32) faults.push(badLength([...path, "name"], 1, 32));
      if ((textOf(command.description) ?? "") !== "") {
        faults.push({
          path: [...path, "description"],
          code: "APPLICATION_COMMAND_CONTEXT_MENU_DESCRIPTION_NOT_ALLOWED",
          message: "Context menu commands cannot have description",
        });
      }
    }
  });
  if (faults.length > 0) throw invalidForm(faults);
}

function nameFault(faults: FieldFault[], value: unknown, path: Path): void {
  const name = textOf(value);
  if (name === undefined) faults.push(required(path));
  else if (!NAME.test(name) || name !== name.toLowerCase()) {
    faults.push({
      path,
      code: "APPLICATION_COMMAND_INVALID_NAME",
      message: "Command name is invalid",
    });
  }
}

function described(faults: FieldFault[], of: JsonObject, path: Path): void {
  const length = lengthOf(textOf(of.description) ?? "");
  if (length < 1 || length > 100) faults.push(badLength([...path, "description"], 1, 100));
}

/** Collects the faults of a level of options; gives the characters that count towards the total. */
function optionFaults(
  faults: FieldFault[],
  options: readonly unknown[],
  parent: Path,
  depth: number,
): number {
  const path = [...parent, "options"];
  if (options.length > MAX_OPTIONS) faults.push(badLength(path, 0, MAX_OPTIONS));
  const names = new Set<unknown>();
  let optionalSeen = false;
  let size = 0;
  const nested = options.filter((o) => isObject(o) && isGroup(numberOf(o.type)));
  if (nested.length > 0 && nested.length < options.length) {
    faults.push({
      path,
      code: "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
      message:
        "Sub-command and sub-command group option types are mutually exclusive to all others",
    });
  }
  options.forEach((raw, i) => {
    const option = isObject(raw) ? raw : {};
    const here = [...path, i];
    const type = numberOf(option.type) ?? 0;
    nameFault(faults, option.name, [...here, "name"]);
    described(faults, option, here);
    size += sizeOf(option);
    if (names.has(option.name)) {
      faults.push({
        path,
        code: "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS",
        message: "Option name already exists",
      });
    }
    names.add(option.name);
    if (isGroup(type)) {
      const allowed = type === OPTION.subcommand ? depth < 2 : depth === 0;
      if (!allowed) {
        faults.push({
          path: [...here, "type"],
          code: "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
          message: "Sub-commands cannot be nested this deep",
        });
      }
      size += optionFaults(faults, listOf(option.options), here, depth + 1);
      return;
    }
    if (type < 1 || type > 11) faults.push(required([...here, "type"]));
    if (option.required === true && optionalSeen) {
      faults.push({
        path: here,
        code: "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
        message: "Required options must be placed before non-required options",
      });
    }
    if (option.required !== true) optionalSeen = true;
    size += valueFaults(faults, option, type, here);
  });
  return size;
}

function isGroup(type: number | undefined): boolean {
  return type === OPTION.subcommand || type === OPTION.subcommand_group;
}

function valueFaults(faults: FieldFault[], option: JsonObject, type: number, path: Path): number {
  const choices = listOf(option.choices);
  const textual = type === OPTION.string;
  const numeric = type === OPTION.integer || type === OPTION.number;
  if (choices.length > 0) {
    if (!textual && !numeric) {
      faults.push({
        path: [...path, "choices"],
        code: "APPLICATION_COMMAND_OPTIONS_CHOICES_INVALID",
        message: "Choices are for strings and numbers",
      });
    }
    faults.push(...choiceFaults(choices, [...path, "choices"], type));
  }
  if (option.autocomplete === true && (choices.length > 0 || (!textual && !numeric))) {
    faults.push({
      path: [...path, "autocomplete"],
      code: "APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_INVALID",
      message: "Autocomplete is for strings and numbers without choices",
    });
  }
  for (const key of ["min_length", "max_length"]) {
    const length = numberOf(option[key]);
    if (length !== undefined && (!textual || length > 6000)) {
      faults.push(tooLong([...path, key], 6000));
    }
  }
  return choices.reduce<number>((sum, choice) => {
    const { name, value } = isObject(choice) ? choice : {};
    return sum + lengthOf(textOf(name) ?? "") + lengthOf(textOf(value) ?? "");
  }, 0);
}

function sizeOf(of: JsonObject): number {
  return lengthOf(textOf(of.name) ?? "") + lengthOf(textOf(of.description) ?? "");
}
