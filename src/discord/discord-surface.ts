/**
 * One place on Discord as a `Surface`: what agents say (`agent-posts.ts`, and `agent-draft.ts` while they
 * write it), the bot's own lines, progress and offers. What the groupchat says is none of its business.
 */
import type {
  Cancel,
  Control,
  Draft,
  IncomingFile,
  IncomingMessage,
  Place,
  Post,
  Progress,
  Surface,
  Voice,
} from "../channels/ports.ts";
import { AgentDraft } from "./agent-draft.ts";
import { AgentPosts } from "./agent-posts.ts";
import { AgentVoice } from "./agent-voice.ts";
import { withControls } from "./controls.ts";
import type { OutgoingMessage } from "./discord-api.ts";
import { DiscordError } from "./discord-error.ts";
import { offerComponents } from "./offer-button.ts";
import { PacedEdits } from "./paced-edits.ts";
import { type Piece, planText } from "./post-plan.ts";
import { cleanText, MESSAGE_LIMIT } from "./split.ts";
import type { SurfaceKit } from "./surface-kit.ts";
import { cutGraphemes } from "./voice-name.ts";

export class DiscordSurface implements Surface {
  readonly live = true;
  readonly #place: Place;
  readonly #kit: SurfaceKit;
  readonly #voice: AgentVoice;
  readonly #posts: AgentPosts;

  constructor(place: Place, kit: SurfaceKit) {
    this.#place = place;
    this.#kit = kit;
    this.#voice = new AgentVoice(place, kit);
    this.#posts = new AgentPosts(this.#voice, (line) => {
      if (line) kit.buttons.posted(place, line);
      else kit.buttons.lost(place);
    });
  }

  async speak(post: Post, onPiece: (posted: number) => Promise<void>): Promise<void> {
    const parked = this.parked();
    if (parked) throw parked;
    await this.#posts.speak(post, onPiece);
  }

  draft(
    { voice, after }: Pick<Post, "voice" | "after">,
    onMessage: (message: string) => Promise<void>,
  ): Draft {
    return new AgentDraft(this.#voice, { voice, after, onMessage }, this.#kit.clock);
  }

  retract(messages: readonly string[], after?: string): Promise<void> {
    return this.#posts.retract(messages, after);
  }

  async notify(text: string, controls: readonly Control[] = []): Promise<void> {
    const pieces = planText(text, "notice");
    for (const [i, piece] of pieces.entries()) {
      const isLast = i === pieces.length - 1 && controls.length > 0;
      const id = await this.#own(isLast ? withControls(piece, controls) : piece);
      if (isLast) this.#kit.buttons.posted(this.#place, { id, controls });
    }
  }

  control(controls: readonly Control[]): void {
    if (!this.parked()) this.#kit.buttons.change(this.#place, controls);
  }

  parked(): DiscordError | undefined {
    return this.#kit.parking.of(this.#place.id);
  }

  typing(_voice: Voice): () => void {
    if (this.parked()) return () => undefined;
    return this.#kit.typing.start(this.#place.id);
  }

  async progress(text: string, stop?: Cancel): Promise<Progress> {
    const { api, clock, controls } = this.#kit;
    const short = cutGraphemes(cleanText(text), MESSAGE_LIMIT);
    const live = stop && controls.cancelButton(stop);
    const shown = live ? { components: live.components } : {};
    const none = live ? { components: [] } : {};
    const id = await this.#own({ content: short === "" ? "…" : short, ...shown });
    const edits = new PacedEdits((line) => {
      const content = cutGraphemes(cleanText(line), MESSAGE_LIMIT);
      return api.editMessage(this.#place.id, id, { content });
    }, clock);
    return {
      update: (line) => edits.update(line),
      finish: async (line) => {
        const [first, ...rest] = planText(line, "notice");
        live?.remove();
        const last = { ...(first ?? { content: "Done." }), ...none };
        await edits.finish(() => this.#editOrPost(id, last));
        for (const piece of rest) await this.#own(piece);
      },
    };
  }

  async offerAttachment(message: IncomingMessage, file: IncomingFile, text: string): Promise<void> {
    const content = cutGraphemes(cleanText(text), MESSAGE_LIMIT);
    const components = offerComponents({ message: message.id, file: file.id });
    await this.#own({ content, components, reply_to: message.id });
  }

  /** Somebody may have deleted the message since. */
  async #editOrPost(id: string, piece: Piece): Promise<void> {
    try {
      await this.#kit.api.editMessage(this.#place.id, id, piece);
    } catch (error) {
      if (!(error instanceof DiscordError) || error.code !== "discord_gone") throw error;
      await this.#own(piece);
    }
  }

  /** A message of the bot's own; resolves with its id. */
  async #own(piece: OutgoingMessage): Promise<string> {
    return (await this.#voice.create(piece)).message;
  }
}
