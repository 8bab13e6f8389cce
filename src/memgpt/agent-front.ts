/**
 * When and from what an agent's front is rendered: at evictions and, in the layout `memgpt_0_3`,
 * after each change of core memory and of the attached sources. Its text is system-message.ts.
 */
import type { ArchivalMemory } from "./archival-memory.ts";
import { clipToTokens } from "./clip-text.ts";
import type { CoreMemory } from "./core-memory.ts";
import type { PeopleInView } from "./people-in-view.ts";
import type { RecallMemory } from "./recall-memory.ts";
import type { AttachedSource, MemgptRuntime, PromptLayout } from "./runtime.ts";
import { type Front, renderFront } from "./system-message.ts";
import type { TimeFormat } from "./time-format.ts";

export interface AgentFrontParts {
  layout: PromptLayout;
  core: CoreMemory;
  recall: RecallMemory;
  archival: ArchivalMemory;
  people: PeopleInView;
  time: TimeFormat;
  runtime: Pick<MemgptRuntime, "clock" | "model" | "tokens">;
}

export class AgentFront {
  readonly #parts: AgentFrontParts;
  /** What the front that stands was rendered from. */
  #rendered: { core: number; sources: readonly AttachedSource[] } | undefined;

  constructor(parts: AgentFrontParts) {
    this.#parts = parts;
  }

  /** Takes what is there now for what the front shows: after a restart. */
  assumeCurrent(): void {
    this.#rendered = { core: this.#parts.core.version, sources: this.#parts.archival.sources };
  }

  /** MemGPT 0.3.5 `rebuild_memory`; attached sources count as well, which it forgot. */
  get outdated(): boolean {
    const { layout, core, archival } = this.#parts;
    if (layout !== "memgpt_0_3") return false;
    return this.#rendered?.core !== core.version || this.#rendered.sources !== archival.sources;
  }

  /** `heard`: who speaks in the queue, the one heard last first. */
  render(heard: readonly string[]): Front {
    const { people, runtime, ...parts } = this.#parts;
    const { tokens, model, clock } = runtime;
    // For people's blocks together, and for a block that came in over its limit.
    const share = Math.floor(model.context_window / 8);
    this.assumeCurrent();
    return renderFront({
      ...parts,
      now: clock.now(),
      people: people.render(heard, share, (text) => tokens.count(text)),
      clip: (text) => clipToTokens(text, share, tokens),
    });
  }
}
