/**
 * An answer while it is being written: messages that grow by paced edits, each marked as unfinished
 * until the next one goes on. On the first failure it stands still; the finished answer makes up for it.
 */
import type { Draft, Voice } from "../channels/ports.ts";
import type { Clock } from "../shared/clock.ts";
import { type AgentVoice, type Handle, handleText } from "./agent-voice.ts";
import { DiscordError } from "./discord-error.ts";
import { PacedEdits } from "./paced-edits.ts";
import { planDraft } from "./post-plan.ts";
import { unfinishedIn } from "./shown-pieces.ts";

/**
 * What is written within a second is posted whole. The pauses grow, because a channel's webhook may be
 * used some 30 times a minute, by all agents together.
 */
const PACE = { first_ms: 1_000, growth: 1.1, longest_ms: 6_000 };

export interface DraftStart {
  voice: Voice;
  /** Id of the message that is answered. */
  after: string;
  onMessage: (message: string) => Promise<void>;
}

export class AgentDraft implements Draft {
  readonly #voice: AgentVoice;
  readonly #start: DraftStart;
  readonly #edits: PacedEdits;
  readonly #shown: { handle: Handle; content: string }[] = [];
  #traces: readonly string[] = [];
  #stopped = false;
  /** A message may stand whose id we were not told. */
  #inDoubt = false;

  constructor(voice: AgentVoice, start: DraftStart, clock: Clock) {
    this.#voice = voice;
    this.#start = start;
    this.#edits = new PacedEdits((text) => this.#show(text), clock, PACE);
  }

  update(text: string, traces: readonly string[]): void {
    this.#traces = traces;
    if (!this.#stopped) this.#edits.update(text);
  }

  async end(): Promise<void> {
    await this.#edits.finish(async () => {});
    if (this.#inDoubt) await this.#find().catch((error: unknown) => this.#log(error));
    this.#inDoubt = false;
  }

  async #show(text: string): Promise<void> {
    if (this.#stopped) return;
    try {
      const outlet = await this.#voice.outlet();
      const post = { voice: this.#start.voice, text, traces: this.#traces };
      const contents = planDraft(post, "reason" in outlet);
      for (const [i, content] of contents.entries()) {
        const shown = this.#shown[i];
        if (!shown) await this.#make(content);
        else if (shown.content !== content) {
          shown.content = content;
          // Not repeated in an outage: the next text is on its way.
          if (!(await this.#voice.edit(shown.handle, { content }, true))) this.#stopped = true;
        }
        if (this.#stopped) return;
      }
    } catch (error) {
      this.#stopped ||= !isPassing(error);
      this.#log(error);
    }
  }

  async #make(content: string): Promise<void> {
    const outlet = await this.#voice.outlet();
    let handle: Handle;
    try {
      if ("reason" in outlet) {
        await this.#voice.tellOnce(outlet.reason);
        handle = await this.#voice.create({ content });
      } else handle = await this.#voice.execute(outlet.webhook, this.#start.voice, { content });
    } catch (error) {
      this.#inDoubt = error instanceof DiscordError && error.ambiguous;
      this.#stopped = true;
      throw error;
    }
    await this.#stands(handle, content);
  }

  async #stands(handle: Handle, content: string): Promise<void> {
    this.#shown.push({ handle, content });
    await this.#start.onMessage(handleText(handle)).catch((error: unknown) => {
      this.#stopped = true;
      throw error;
    });
  }

  async #find(): Promise<void> {
    await this.#voice.settle();
    const own = await this.#voice.ownIds();
    const known = this.#shown.map(({ handle }) => handleText(handle));
    for (const handle of unfinishedIn(await this.#voice.history(this.#start.after), own)) {
      if (!known.includes(handleText(handle))) await this.#stands(handle, "");
    }
  }

  #log(error: unknown): void {
    this.#voice.log("an answer could not be shown while it was written", error);
  }
}

/** The next edit may do. */
function isPassing(error: unknown): boolean {
  return (
    error instanceof DiscordError && (error.ambiguous || error.code === "discord_rate_limited")
  );
}
