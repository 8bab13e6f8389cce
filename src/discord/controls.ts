/**
 * Controls of the groupchat as Discord's components: buttons side by side, each menu in a row of its own.
 * Discord keeps their ids, so they work after a restart. Pure.
 */
import type { Control } from "../channels/ports.ts";
import type { OutgoingMessage } from "./discord-api.ts";

const PREFIX = "run:";
const ROW = 1;
const BUTTON = { type: 2, style: 2 } as const;
const MENU = 3;
const MOST_BUTTONS = 5;
const MOST_OPTIONS = 25;
const LONGEST_LABEL = 80;
const LONGEST_OPTION = 100;

export function controlComponents(controls: readonly Control[] = []): readonly unknown[] {
  const buttons = controls.filter((one) => !one.options).slice(0, MOST_BUTTONS);
  const menus = controls.filter((one) => one.options && one.options.length > 0);
  return [
    ...menus.map((one) => ({ type: ROW, components: [menu(one)] })),
    ...(buttons.length > 0 ? [{ type: ROW, components: buttons.map(button) }] : []),
  ];
}

/** A message with controls under it. */
export function withControls(
  message: OutgoingMessage,
  controls: readonly Control[],
): OutgoingMessage {
  return controls.length > 0 ? { ...message, components: controlComponents(controls) } : message;
}

/** The control's own id; undefined for components of another make. */
export function parseControlId(custom_id: string): string | undefined {
  return custom_id.startsWith(PREFIX) ? custom_id.slice(PREFIX.length) : undefined;
}

function button({ id, label }: Control): unknown {
  return { ...BUTTON, label: label.slice(0, LONGEST_LABEL), custom_id: `${PREFIX}${id}` };
}

function menu({ id, label, options = [] }: Control): unknown {
  const names = options.slice(0, MOST_OPTIONS).map((name) => name.slice(0, LONGEST_OPTION));
  return {
    type: MENU,
    custom_id: `${PREFIX}${id}`,
    placeholder: label.slice(0, LONGEST_LABEL),
    options: names.map((name) => ({ label: name, value: name })),
  };
}
