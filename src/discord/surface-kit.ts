/** What the surfaces of all places on Discord share. */
import type { Clock } from "../shared/clock.ts";
import type { Logger } from "../shared/logger.ts";
import type { DiscordApi } from "./discord-api.ts";
import type { LiveControls } from "./live-controls.ts";
import type { Parking } from "./parking.ts";
import type { RunButtons } from "./run-buttons.ts";
import type { TypingController } from "./typing-controller.ts";
import type { WebhookVoices } from "./webhook-voices.ts";

export interface SurfaceKit {
  api: DiscordApi;
  voices: WebhookVoices;
  typing: TypingController;
  parking: Parking;
  controls: LiveControls;
  buttons: RunButtons;
  clock: Clock;
  logger: Logger;
  botId: () => string;
  applicationId: () => string;
  /** The text channel that a thread belongs to. */
  parentOf: (thread: string) => Promise<string | undefined>;
  /** Channels that were told why agents have no voices of their own. */
  told: Set<string>;
  /** A number that no other call of this process gets. */
  next: () => number;
  /** How long Discord may take to show a message whose sending failed. */
  settle_ms: number;
}
