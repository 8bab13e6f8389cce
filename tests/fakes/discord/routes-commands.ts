import { ApiError } from "./api-error.ts";
import { checkCommands } from "./command-rules.ts";
import { isObject, type JsonObject, textOf } from "./json.ts";
import { type Answer, noContent, ok, type Route, type RouteContext } from "./route.ts";

const GLOBAL = "/applications/{application_id}/commands";
const GUILD = "/applications/{application_id}/guilds/{guild_id}/commands";
const MAX_CREATES = 200;

/** Registration of application commands, global and per guild. */
export const commandRoutes: readonly Route[] = [GLOBAL, GUILD].flatMap((template): Route[] => [
  { method: "GET", template, auth: "bot", handle: (context) => ok(registered(context)) },
  { method: "PUT", template, auth: "bot", handle: overwrite },
  { method: "POST", template, auth: "bot", handle: create },
  { method: "GET", template: `${template}/{command_id}`, auth: "bot", handle: (c) => ok(one(c)) },
  { method: "PATCH", template: `${template}/{command_id}`, auth: "bot", handle: patch },
  {
    method: "DELETE",
    template: `${template}/{command_id}`,
    auth: "bot",
    handle: (context) => {
      const gone = one(context);
      keep(
        context,
        registered(context).filter((command) => command !== gone),
      );
      return noContent;
    },
  },
]);

function registered(context: RouteContext): JsonObject[] {
  const { world } = context;
  if (context.param("application_id") !== world.applicationId) throw new ApiError(20012);
  const guild = context.param("guild_id");
  if (guild !== "" && !world.guilds.has(guild)) throw new ApiError(50001);
  return world.commands.get(guild) ?? [];
}

function keep(context: RouteContext, commands: JsonObject[]): void {
  context.world.commands.set(context.param("guild_id"), commands);
  context.world.changed();
}

function one(context: RouteContext): JsonObject {
  const found = registered(context).find((c) => c.id === context.param("command_id"));
  if (found === undefined) throw new ApiError(10063);
  return found;
}

function overwrite(context: RouteContext): Answer {
  const wanted = context.request.body;
  const old = registered(context);
  if (!Array.isArray(wanted)) throw new ApiError(50035);
  checkCommands(wanted, (i) => [i]);
  const commands = wanted.filter(isObject).map((command) => stored(context, command, old));
  keep(context, commands);
  return ok(commands);
}

function create(context: RouteContext): Answer {
  const { body } = context;
  const old = registered(context);
  if (old.length >= MAX_CREATES) throw new ApiError(30034);
  checkCommands([body], () => []);
  const command = stored(context, body, old);
  keep(context, [...old.filter((c) => c.id !== command.id), command]);
  return { status: 201, body: command };
}

function patch(context: RouteContext): Answer {
  const old = one(context);
  const merged = { ...old, ...context.body };
  checkCommands([merged], () => []);
  const command = { ...merged, version: context.world.ids.next() };
  keep(
    context,
    registered(context).map((c) => (c === old ? command : c)),
  );
  return ok(command);
}

/** A command as Discord gives it back; one of the same name and type keeps its id. */
function stored(context: RouteContext, given: JsonObject, old: readonly JsonObject[]): JsonObject {
  const { world } = context;
  const type = given.type ?? 1;
  const same = old.find((c) => c.name === given.name && c.type === type);
  const guild = context.param("guild_id");
  const permissions = given.default_member_permissions;
  return {
    id: textOf(same?.id) ?? world.ids.next(),
    application_id: world.applicationId,
    version: world.ids.next(),
    type,
    name: given.name,
    name_localizations: given.name_localizations ?? null,
    description: given.description ?? "",
    description_localizations: given.description_localizations ?? null,
    default_member_permissions:
      permissions === undefined || permissions === null ? null : String(permissions),
    nsfw: given.nsfw ?? false,
    integration_types: given.integration_types ?? [0],
    ...(given.options === undefined || given.options === null ? {} : { options: given.options }),
    ...(guild === ""
      ? { contexts: given.contexts ?? null, dm_permission: given.dm_permission ?? true }
      : { guild_id: guild }),
  };
}
