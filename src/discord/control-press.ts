/**
 * Somebody pressed a button of a run, or chose who speaks. Acknowledged without a change first: what is
 * said then is the host's to tell.
 */
import {
  type ButtonInteraction,
  type Interaction,
  InteractionResponseType,
  type StringSelectMenuInteraction,
} from "discord.js";
import type { ChannelHost } from "../channels/host.ts";
import { controlComponents, parseControlId } from "./controls.ts";
import type { DiscordApi } from "./discord-api.ts";
import { acknowledge, NO_VOICE, NOT_HERE, tell, tellAlso } from "./first-answer.ts";
import { interactionPerson, interactionPlace, keyOf, mayWrite } from "./interaction-data.ts";
import type { RunButtons } from "./run-buttons.ts";
import { cleanText, MESSAGE_LIMIT } from "./split.ts";
import { cutGraphemes } from "./voice-name.ts";

export interface ControlPressParts {
  host: ChannelHost;
  api: DiscordApi;
  buttons: RunButtons;
  /** Resolves when the host can answer. */
  connected: Promise<void>;
}

type ControlInteraction = ButtonInteraction | StringSelectMenuInteraction;

export async function pressControl(
  interaction: ControlInteraction,
  { host, api, buttons, connected }: ControlPressParts,
): Promise<void> {
  const key = keyOf(interaction);
  const place = interactionPlace(interaction);
  if (!place) return tell(api, key, NOT_HERE);
  if (!mayWrite(interaction)) return tell(api, key, NO_VOICE);
  await acknowledge(api, key, InteractionResponseType.DeferredMessageUpdate);
  await connected;
  const before = buttons.moves(place);
  const [value] = interaction.isStringSelectMenu() ? interaction.values : [];
  const answer = await host.press(place, {
    at: interaction.id,
    id: parseControlId(interaction.customId) ?? "",
    ...(value === undefined ? {} : { value }),
    person: interactionPerson(interaction),
  });
  const { where, controls = [] } = answer;
  const content = cutGraphemes(cleanText(answer.text ?? ""), MESSAGE_LIMIT);
  const components = controlComponents(controls);
  // The run may have gone on, or ended, while Discord took the line: its own word on buttons counts.
  const isLate = (): boolean => controls.length > 0 && buttons.moves(place) !== before;
  if (where === "instead") {
    await api.editResponse(key, { content, components });
    if (isLate()) await api.stripPressed(key);
    return;
  }
  if (where === "below") {
    const id = await api.followUp(key, { content, components });
    if (isLate()) await api.editComponents(place.id, { id }, []);
    else if (controls.length > 0) buttons.posted(place, { id, controls });
  } else if (content !== "") await tellAlso(api, key, content);
  // Left from an older run, perhaps of an older process: it does nothing, so it does not stay.
  if (!buttons.isNewest(place, interaction.message.id)) await api.stripPressed(key);
}

export function isControl(interaction: Interaction): interaction is ControlInteraction {
  const isPressed = interaction.isButton() || interaction.isStringSelectMenu();
  return isPressed && parseControlId(interaction.customId) !== undefined;
}
