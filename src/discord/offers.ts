/**
 * The button under a posted document: somebody takes the offer up, and the file is read into memory.
 * One at a time for each file; where it fails, the button comes back.
 */
import { type ButtonInteraction, InteractionResponseType } from "discord.js";
import type { ChannelHost } from "../channels/host.ts";
import type { Place } from "../channels/ports.ts";
import type { AbortSignalLike } from "../shared/abort.ts";
import { explainError } from "../shared/errors.ts";
import type { Logger } from "../shared/logger.ts";
import { type DiscordApi, NO_PINGS } from "./discord-api.ts";
import { DiscordError, errorFields } from "./discord-error.ts";
import { acknowledge, NO_VOICE, tell, tellAlso } from "./first-answer.ts";
import { type FileSource, incomingFile } from "./incoming-file.ts";
import { interactionPerson, keyOf, mayWrite } from "./interaction-data.ts";
import type { LiveControls } from "./live-controls.ts";
import { type OfferKey, offerComponents } from "./offer-button.ts";
import { passwordAsker } from "./password-form.ts";

export interface OffersOptions {
  host: ChannelHost;
  api: DiscordApi;
  files: FileSource;
  controls: LiveControls;
  logger: Logger;
  /** Resolves when the host can answer. */
  connected: Promise<void>;
}

export class Offers {
  readonly #options: OffersOptions;
  /** Offers that somebody is taking up right now. */
  readonly #taking = new Set<string>();

  constructor(options: OffersOptions) {
    this.#options = options;
  }

  /** Rejects only where the press itself cannot be answered. */
  async take(
    interaction: ButtonInteraction,
    place: Place,
    offer: OfferKey,
    signal: AbortSignalLike,
  ): Promise<void> {
    const { api, controls, connected, host, logger } = this.#options;
    const key = keyOf(interaction);
    if (!mayWrite(interaction)) return tell(api, key, NO_VOICE);
    if (this.#taking.has(interaction.customId)) {
      return tell(api, key, "Somebody has just taken this up.");
    }
    this.#taking.add(interaction.customId);
    try {
      await acknowledge(api, key, InteractionResponseType.UpdateMessage, {
        components: offerComponents(offer, true),
        allowed_mentions: NO_PINGS,
      });
      await connected;
      const file = await this.#file(place.id, offer);
      const person = interactionPerson(interaction);
      const ask = passwordAsker(
        controls,
        person,
        async (content, components) => {
          await api.followUp(key, { content, components, ephemeral: true });
        },
        signal,
      );
      if (file) await host.acceptOffer(place, person, file, ask);
      else await tellAlso(api, key, "That file is gone: the message was deleted or changed.");
    } catch (error) {
      logger.warn("an offered file could not be attached", {
        channel: place.id,
        ...errorFields(error),
      });
      await api
        .editResponse(key, {
          content: interaction.message.content,
          components: offerComponents(offer),
        })
        .catch(() => undefined);
      await tellAlso(api, key, explainError(error));
    } finally {
      this.#taking.delete(interaction.customId);
    }
  }

  async #file(channel: string, offer: OfferKey) {
    const upload = await this.#upload(channel, offer);
    if (!upload) return undefined;
    return incomingFile(upload, this.#options.files, async () => {
      const again = await this.#upload(channel, offer);
      return again?.url;
    });
  }

  async #upload(channel: string, offer: OfferKey) {
    try {
      const message = await this.#options.api.message(channel, offer.message);
      const found = message.attachments?.find((attachment) => attachment.id === offer.file);
      return found && { ...found, name: found.filename };
    } catch (error) {
      if (error instanceof DiscordError && error.code === "discord_gone") return undefined;
      throw error;
    }
  }
}
