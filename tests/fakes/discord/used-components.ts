import { INTERACTION } from "./constants.ts";
import type { FakeMember } from "./fake-guild.ts";
import type { InteractionRecord } from "./interactions.ts";
import { isObject, type JsonObject, listOf } from "./json.ts";
import type { ChannelRecord, FakeMessage } from "./records.ts";

/** Buttons, menus and modals from the side of the person who uses them. */

/** Finds a component by its custom id or label; says what there is if it is not there. */
export function findComponent(
  message: FakeMessage,
  fits: (component: JsonObject) => boolean,
  idOrLabel: string,
): JsonObject {
  const all: JsonObject[] = [];
  const visit = (component: unknown): void => {
    if (!isObject(component)) return;
    if (component.custom_id !== undefined && fits(component)) all.push(component);
    listOf(component.components).forEach(visit);
    visit(component.accessory);
  };
  message.components.forEach(visit);
  const found = all.find((c) => c.custom_id === idOrLabel || c.label === idOrLabel);
  if (found === undefined) {
    const there = all.map((c) => String(c.label ?? c.custom_id)).join(", ");
    throw new Error(`no component "${idOrLabel}" on the message; there are: ${there}`);
  }
  return found;
}

/** The start of the interaction that using `component` of `message` makes. */
export function used(
  channel: ChannelRecord,
  member: FakeMember,
  message: FakeMessage,
  component: JsonObject,
): Pick<InteractionRecord, "type" | "channel" | "user" | "label" | "source"> {
  return {
    type: INTERACTION.component,
    channel,
    user: member.user,
    label: `button "${String(component.label ?? component.custom_id)}"`,
    source: message,
  };
}

export function pressed(component: JsonObject): JsonObject {
  return { custom_id: component.custom_id, id: component.id };
}

/** The rows of a submitted modal, one text input each. */
export function filledRows(values: Record<string, string>): JsonObject[] {
  return Object.entries(values).map(([custom_id, value], i) => ({
    type: 1,
    id: 2 * i + 1,
    components: [{ type: 4, id: 2 * i + 2, custom_id, value }],
  }));
}
