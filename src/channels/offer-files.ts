/**
 * A PDF that somebody posts is offered for attachment, not read: what goes into an agent's memory is
 * a person's decision.
 */
import type { Logger } from "../shared/logger.ts";
import { fileLabel } from "./markdown.ts";
import type { IncomingMessage, Surface } from "./ports.ts";

/** Never rejects: a message whose file cannot be offered is answered all the same. */
export async function offerFiles(
  message: IncomingMessage,
  agent: string,
  surface: Surface,
  logger: Logger,
): Promise<void> {
  for (const file of message.files) {
    if (!/\.pdf$/i.test(file.name)) continue;
    const text = `Attach **${fileLabel(file.name)}** to ${agent}'s archival memory?`;
    try {
      await surface.offerAttachment(message, file, text);
    } catch (error) {
      logger.warn("a file could not be offered", { error });
    }
  }
}
