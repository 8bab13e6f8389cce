/**
 * What agents say, in pieces, each once even after a crash: pieces that people watched being written are
 * edited into their last form, the others posted; what is in doubt is compared with the channel's
 * history first. Splitting is `post-plan.ts`, single messages are `agent-voice.ts`.
 */
import type { Control, Post } from "../channels/ports.ts";
import { type AgentVoice, type Handle, handleText, parseHandle } from "./agent-voice.ts";
import { withControls } from "./controls.ts";
import type { OutgoingMessage } from "./discord-api.ts";
import { DiscordError } from "./discord-error.ts";
import { type Piece, piecesUnderBotName, planPost } from "./post-plan.ts";
import type { ButtonLine } from "./run-buttons.ts";
import { countShown, unfinishedIn } from "./shown-pieces.ts";

const MOST_ATTEMPTS = 4;

type OnPiece = (posted: number) => Promise<void>;

export class AgentPosts {
  readonly #voice: AgentVoice;
  readonly #onLine: (line: ButtonLine | undefined) => void;

  /** `onLine` is told of each answer's last message; undefined where only that it stands is known. */
  constructor(voice: AgentVoice, onLine: (line: ButtonLine | undefined) => void) {
    this.#voice = voice;
    this.#onLine = onLine;
  }

  async speak(post: Post, onPiece: OnPiece): Promise<void> {
    const pieces = planPost(post);
    let posted = Math.min(post.posted, pieces.length);
    let compared = !post.recovering;
    const drafted = post.drafted.map(parseHandle);
    drafted.splice(0, partsOf(pieces.slice(0, posted), post, drafted).length);
    while (posted < pieces.length) {
      if (!(await this.#editedInto(post, pieces, posted, drafted))) {
        if (!compared) {
          compared = true;
          const shown = await this.#recover(post, pieces, posted);
          while (posted < shown) {
            posted += 1;
            await onPiece(posted);
          }
          continue;
        }
        await this.#say(post, pieces, posted);
      }
      posted += 1;
      await onPiece(posted);
    }
    await this.#removeAll(drafted);
  }

  async retract(messages: readonly string[], after?: string): Promise<void> {
    const handles = messages.map(parseHandle);
    if (after !== undefined) handles.push(...(await this.#unfinished(after, messages)));
    await this.#removeAll(handles);
  }

  /** Makes the first messages of `drafted` into the piece, and takes them out; false if there are none. */
  async #editedInto(
    post: Post,
    pieces: readonly Piece[],
    index: number,
    drafted: Handle[],
  ): Promise<boolean> {
    if (drafted.length === 0) return false;
    let last: Handle | undefined;
    const parts = partsOf(pieces.slice(index, index + 1), post, drafted);
    for (const [i, part] of underLast(parts, controlsAt(post, pieces, index)).entries()) {
      last = drafted.shift();
      if (last && (await this.#voice.edit(last, part))) continue;
      // Somebody deleted it. The others stand before what is posted now, so they must go.
      await this.#removeAll(last ? [last, ...drafted.splice(0)] : []);
      if (i === 0) return false;
      last = await this.#voice.create(part, nonceOf(post, index, i));
    }
    await this.#stands(post, pieces, index, last);
    return true;
  }

  async #removeAll(handles: readonly Handle[]): Promise<void> {
    for (const handle of handles) await this.#voice.remove(handle);
  }

  /** Posts one piece, and comes back only when the channel shows it. */
  async #say(post: Post, pieces: readonly Piece[], index: number): Promise<void> {
    const piece = pieces[index];
    if (!piece) return;
    let renewed = false;
    for (let attempt = 1; ; attempt += 1) {
      const outlet = await this.#voice.outlet();
      if ("reason" in outlet) return this.#sayAsBot(post, pieces, index, outlet.reason);
      try {
        const [message = piece] = underLast([piece], controlsAt(post, pieces, index));
        const handle = await this.#voice.execute(outlet.webhook, post.voice, message);
        return this.#stands(post, pieces, index, handle);
      } catch (error) {
        if (!(error instanceof DiscordError)) throw error;
        this.#voice.log("a webhook post failed", error);
        if (isWebhookGone(error)) {
          await this.#voice.renewWebhook(outlet.webhook, renewed);
          renewed = true;
          continue;
        }
        if (!error.ambiguous || attempt >= MOST_ATTEMPTS) throw error;
        await this.#voice.settle(attempt);
        if ((await this.#shown(post, pieces, index)) > index) return this.#onLine(undefined);
      }
    }
  }

  async #sayAsBot(
    post: Post,
    pieces: readonly Piece[],
    index: number,
    reason: string,
  ): Promise<void> {
    await this.#voice.tellOnce(reason);
    let last: Handle | undefined;
    const parts = partsOf(pieces.slice(index, index + 1), post, []);
    for (const [i, part] of underLast(parts, controlsAt(post, pieces, index)).entries()) {
      last = await this.#voice.create(part, nonceOf(post, index, i));
    }
    await this.#stands(post, pieces, index, last);
  }

  /** The piece at `index` has come to its last message. */
  async #stands(
    post: Post,
    pieces: readonly Piece[],
    index: number,
    handle: Handle | undefined,
  ): Promise<void> {
    if (!handle || index < pieces.length - 1) return;
    const key = await this.#voice.keyOf(handle);
    if (key) this.#onLine({ ...key, controls: post.controls ?? [] });
  }

  /** How many pieces the channel shows already. */
  async #recover(post: Post, pieces: readonly Piece[], posted: number): Promise<number> {
    const shown = await this.#unlessForbidden(() => this.#shown(post, pieces, posted));
    return shown ?? posted;
  }

  async #shown(post: Post, pieces: readonly Piece[], posted: number): Promise<number> {
    const own = await this.#voice.ownIds();
    const history = await this.#voice.history(post.after);
    return countShown(history, post.voice.name, pieces, posted, own);
  }

  async #unfinished(after: string, known: readonly string[]): Promise<Handle[]> {
    const found = await this.#unlessForbidden(async () => {
      const own = await this.#voice.ownIds();
      return unfinishedIn(await this.#voice.history(after), own);
    });
    return (found ?? []).filter((handle) => !known.includes(handleText(handle)));
  }

  /**
   * Without Read Message History nothing can ever be compared: a rare double is better than a channel
   * that stays silent. Every other failure ends the attempt; nothing is posted on it.
   */
  async #unlessForbidden<T>(read: () => Promise<T>): Promise<T | undefined> {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof DiscordError) || error.code !== "discord_forbidden") throw error;
      this.#voice.log("history cannot be read; going on without comparing", error);
      return undefined;
    }
  }
}

/** The messages that pieces come to, where they are shown by such as the first of `drafted`. */
function partsOf(pieces: readonly Piece[], post: Post, [first]: readonly Handle[]): Piece[] {
  const isWebhooks = first?.webhook !== undefined;
  return pieces.flatMap((piece) =>
    isWebhooks ? [piece] : piecesUnderBotName(post.voice.name, piece),
  );
}

function controlsAt(post: Post, pieces: readonly Piece[], index: number): readonly Control[] {
  return index === pieces.length - 1 ? (post.controls ?? []) : [];
}

function underLast(
  parts: readonly Piece[],
  controls: readonly Control[],
): readonly OutgoingMessage[] {
  return parts.map((part, i) => (i === parts.length - 1 ? withControls(part, controls) : part));
}

function nonceOf(post: Post, index: number, part: number): string {
  return `${post.id}-${index}${part === 0 ? "" : `.${part}`}`;
}

function isWebhookGone(error: DiscordError): boolean {
  // An invalid webhook token is told with the code of an expired interaction token.
  return error.code === "discord_webhook_gone" || error.code === "discord_interaction_gone";
}
