/**
 * From a command as somebody called it to a command that runs: finds it, checks who may, checks
 * the options against what the command says it takes, and turns every failure into one answer.
 * The rights are checked here whatever the platform's own defaults say.
 */
import { ColloquyError, explainError } from "../shared/errors.ts";
import type { Logger } from "../shared/logger.ts";
import { nearest } from "../shared/nearest-word.ts";
import type { ChannelSession } from "./channel-session.ts";
import type {
  Command,
  CommandOption,
  Form,
  OptionValue,
  Permission,
  Subcommand,
} from "./command.ts";
import type { CalledCommand, CommandRequest } from "./host.ts";
import { escapeMarkdown } from "./markdown.ts";
import type { Place } from "./ports.ts";

export interface DispatchContext {
  commands: readonly Command[];
  place: Place;
  /** Opens the session for the work; called only once the call is known to be allowed and right. */
  withSession(work: (session: ChannelSession) => Promise<void>): Promise<void>;
  logger: Logger;
}

/** Runs a command. Never rejects: what goes wrong is answered and logged. */
export async function dispatchCommand(
  request: CommandRequest,
  context: DispatchContext,
): Promise<void> {
  try {
    const { command, options, permission } = findCommand(context.commands, request);
    if (!isAllowed(permission, request)) throw notAllowed(request, permission);
    const checked = checkOptions(options, request.options);
    await context.withSession((session) =>
      command.run({
        subcommand: request.subcommand,
        options: checked,
        person: request.person,
        may_manage: request.may_manage,
        place: context.place,
        session,
        commands: context.commands,
        ...(request.id === undefined ? {} : { id: request.id }),
        may_manage_server: request.may_manage_server ?? false,
        ...(request.signal ? { signal: request.signal } : {}),
        ...(request.askPassword ? { askPassword: request.askPassword } : {}),
        reply: (text, extra) => request.reply(text, extra),
        progress: (text) => request.progress(text),
      }),
    );
  } catch (error) {
    await answerFailure(request, context.logger, error);
  }
}

/** What the command asks for in a form. Undefined for what it would refuse: running it says why. */
export async function commandForm(
  request: CalledCommand,
  context: DispatchContext,
): Promise<Form | undefined> {
  let form: Form | undefined;
  try {
    const { options, permission, form: ask } = findCommand(context.commands, request);
    if (!ask || !isAllowed(permission, request)) return undefined;
    const given = options.filter(({ name }) => request.options.has(name));
    const checked = checkOptions(given, request.options);
    await context.withSession(async (session) => {
      form = ask({ options: checked, session });
    });
  } catch (error) {
    context.logger.info("a command's form is not shown", { command: request.name, error });
  }
  return form;
}

async function answerFailure(
  request: CommandRequest,
  logger: Logger,
  error: unknown,
): Promise<void> {
  const { name: command, subcommand } = request;
  // What carries a sentence for its caller needs no trace, unless something else is behind it.
  if (error instanceof ColloquyError && error.cause === undefined) {
    logger.info("a command was refused", { command, subcommand, error });
  } else {
    logger.warn("a command failed", { command, subcommand, error });
  }
  try {
    await request.reply(explainError(error));
  } catch (cause) {
    logger.warn("a command's failure could not be answered", { command, error: cause });
  }
}

/** The call is not one that the command takes, or not from who may. */
class CommandError extends ColloquyError {
  override readonly name = "CommandError";
}

interface Found {
  command: Command;
  options: readonly CommandOption[];
  permission: Permission;
  form?: Subcommand["form"];
}

function findCommand(commands: readonly Command[], request: CalledCommand): Found {
  const command = commands.find((candidate) => candidate.name === request.name);
  if (!command) {
    const near = nearest(
      request.name,
      commands.map(({ name }) => name),
    );
    throw new CommandError("command_unknown", `There is no command /${given(request.name)}`, {
      next: near ? `Did you mean /${near}? See /help for all.` : "See /help for the commands.",
    });
  }
  if (!command.subcommands) {
    return {
      command,
      options: command.options ?? [],
      permission: command.permission ?? "everyone",
    };
  }
  const subcommand = command.subcommands.find((one) => one.name === request.subcommand);
  if (!subcommand) {
    const names = command.subcommands.map((one) => one.name);
    const near = nearest(request.subcommand ?? "", names);
    throw new CommandError(
      "command_unknown",
      request.subcommand
        ? `/${command.name} has no subcommand "${given(request.subcommand)}"`
        : `/${command.name} needs a subcommand`,
      {
        next: near
          ? `Did you mean /${command.name} ${near}?`
          : `It takes one of: ${names.join(", ")}.`,
      },
    );
  }
  const { options = [], permission, form } = subcommand;
  return { command, options, permission, ...(form ? { form } : {}) };
}

function isAllowed(permission: Permission, request: CalledCommand): boolean {
  if (permission === "everyone") return true;
  return permission === "manage_server" ? request.may_manage_server === true : request.may_manage;
}

function notAllowed(request: CommandRequest, permission: Permission): CommandError {
  const words = [request.name, request.subcommand].filter(Boolean).join(" ");
  const ofServer = permission === "manage_server";
  return new CommandError("command_forbidden", `You may not use /${words} here`, {
    why: `It changes what everybody ${ofServer ? "on the server" : "in the channel"} shares.`,
    next: `Ask somebody with the ${ofServer ? "Manage Server" : "Manage Channels"} permission.`,
  });
}

function checkOptions(
  options: readonly CommandOption[],
  values: ReadonlyMap<string, OptionValue>,
): ReadonlyMap<string, OptionValue> {
  for (const name of values.keys()) {
    if (options.some((option) => option.name === name)) continue;
    throw new CommandError("command_option", `There is no option "${given(name)}" here`, {
      next: "See /help for what the command takes.",
    });
  }
  const checked = new Map<string, OptionValue>();
  for (const option of options) {
    const value = values.get(option.name);
    if (value === undefined) {
      if (option.required) throw badOption(option, "is missing");
      continue;
    }
    checkValue(option, value);
    checked.set(option.name, value);
  }
  return checked;
}

function checkValue(option: CommandOption, value: OptionValue): void {
  switch (option.type) {
    case "string":
      if (typeof value !== "string") throw badOption(option, "must be a text");
      if (option.choices && !option.choices.includes(value)) {
        throw badOption(option, `must be one of: ${option.choices.join(", ")}`);
      }
      return;
    case "integer":
      if (typeof value !== "number" || !Number.isSafeInteger(value)) {
        throw badOption(option, "must be a whole number");
      }
      if (option.min !== undefined && value < option.min) {
        throw badOption(option, `must be at least ${option.min}`);
      }
      if (option.max !== undefined && value > option.max) {
        throw badOption(option, `must be at most ${option.max}`);
      }
      return;
    case "boolean":
      if (typeof value !== "boolean") throw badOption(option, "must be true or false");
      return;
    case "file":
      if (typeof value !== "object") throw badOption(option, "must be a file");
  }
}

function badOption(option: CommandOption, fault: string): CommandError {
  return new CommandError("command_option", `The option "${option.name}" ${fault}`, {
    why: `It is for this: ${option.description}`,
    next: "Call the command again with it corrected.",
  });
}

/** Words of the caller's own, fit to be repeated. */
function given(text: string): string {
  return escapeMarkdown(text.length > 40 ? `${text.slice(0, 39)}…` : text);
}
