/**
 * The MemGPT agent: core, recall and archival memory around a main context, and a step loop that
 * lets the model move things between them by function calls. State is rows plus a small snapshot;
 * the caller decides when they are committed. How a reply is found is in step-loop.ts.
 */
import type { AbortSignalLike } from "../shared/abort.ts";
import { ColloquyError } from "../shared/errors.ts";
import type { FunctionContext } from "./agent-function.ts";
import { AgentRows, coreKey, frontKey, readRow, stateKey, summaryKey } from "./agent-rows.ts";
import { ArchivalMemory } from "./archival-memory.ts";
import {
  type ConsolidationOptions,
  type ConsolidationReport,
  consolidate,
} from "./consolidation.ts";
import { CoreMemory, type CoreMemoryRecord } from "./core-memory.ts";
import type { FunctionTable } from "./function-call.ts";
import { functionsOf } from "./function-set.ts";
import { MainContext, type Summary } from "./main-context.ts";
import {
  bootMessages,
  packageAlert,
  packageFunctionResult,
  packageUserMessage,
} from "./packaging.ts";
import type { ChatMessage } from "./ports.ts";
import { RecallMemory } from "./recall-memory.ts";
import { summarize } from "./recursive-summary.ts";
import {
  type AgentReply,
  type AttachedSource,
  DEFAULT_MAX_CHAIN,
  type IncomingLine,
  type MemgptAgentOptions,
  type MemgptRuntime,
  type PromptLayout,
  type ReplyOptions,
  type Row,
} from "./runtime.ts";
import { checkSnapshot, type MemgptSnapshot } from "./snapshot.ts";
import { StepLoop, type StepLoopAgent } from "./step-loop.ts";
import { describeSource, type Front, renderFront } from "./system-message.ts";
import { TimeFormat } from "./time-format.ts";

export type {
  AgentReply,
  AttachedSource,
  IncomingLine,
  MemgptAgentOptions,
  MemgptRuntime,
  MemgptSnapshot,
  Row,
};

export class MemgptAgent {
  readonly name: string;
  readonly core: CoreMemory;
  readonly recall: RecallMemory;
  readonly archival: ArchivalMemory;
  readonly #options: MemgptAgentOptions;
  readonly #runtime: MemgptRuntime;
  readonly #time: TimeFormat;
  readonly #functions: FunctionTable;
  readonly #context: MainContext;
  readonly #rows: AgentRows;
  #firstMessageDone: boolean;
  #busy = false;
  /** Alerts that came while a step ran: between a call and its result there is no place for them. */
  #heldAlerts: ChatMessage[] = [];
  readonly #layout: PromptLayout;
  /** What the front was rendered from, where the layout wants it to follow (`memgpt_0_3`). */
  #rendered: { core: number; sources: readonly AttachedSource[] } | undefined;
  /** Ends the summary that is being written when the reply is stopped. */
  #signal: AbortSignalLike | undefined;

  private constructor(
    options: MemgptAgentOptions,
    runtime: MemgptRuntime,
    core: CoreMemory,
    snapshot: MemgptSnapshot | undefined,
  ) {
    const { owner, name } = options;
    const { store, passages, embedder, tokens, source_indexes } = runtime;
    const logger = runtime.logger.child({ agent: name });
    this.name = name;
    this.core = core;
    this.#options = options;
    this.#layout = options.layout ?? "append";
    this.#runtime = { ...runtime, logger };
    this.#time = new TimeFormat(runtime.time_zone);
    this.#functions = functionsOf(options, this.#runtime);
    const shared = { owner, store, passages, embedder, logger, time: this.#time };
    this.recall = new RecallMemory({
      ...shared,
      agent: name,
      ...(snapshot ? { state: snapshot.recall } : {}),
    });
    this.archival = new ArchivalMemory({
      ...shared,
      tokens,
      ...(source_indexes ? { source_indexes } : {}),
      ...(snapshot ? { state: snapshot.archival, sources: snapshot.sources } : {}),
    });
    this.#firstMessageDone = snapshot?.first_message_done ?? false;
    this.#context = new MainContext({
      tokens,
      toolTokens: tokens.count(JSON.stringify(this.#functions.schemas)),
      window: () => runtime.model.context_window,
      prompt: options.system,
      renderFront: () => this.#renderFront(),
      formatNow: () => this.#formatNow(),
      logLength: () => this.recall.log.length,
      summarize: (messages) => this.#summarize(messages),
    });
    const { recall, archival } = this;
    this.#rows = new AgentRows(owner, { core, recall, archival, context: this.#context }, snapshot);
  }

  /** A new agent, awake: its boot sequence is in its queue, not yet stored. */
  static create(options: MemgptAgentOptions, runtime: MemgptRuntime): MemgptAgent {
    const { persona, human } = options;
    const core = new CoreMemory({ persona, human, modified_at: runtime.clock.now() }, 1);
    const agent = new MemgptAgent(options, runtime, core, undefined);
    agent.#context.renderFront();
    for (const message of bootMessages(agent.#formatNow(), runtime.model.model))
      agent.#append(message);
    return agent;
  }

  /**
   * The agent as it was when the snapshot was committed; reads the queue's rows, core memory and
   * summary, nothing else. Rejects with a `StoreError` when a row is missing or the snapshot is of
   * another version; nothing is written.
   */
  static async restore(
    snapshot: MemgptSnapshot,
    options: MemgptAgentOptions,
    runtime: MemgptRuntime,
  ): Promise<MemgptAgent> {
    const { owner } = options;
    const checked = checkSnapshot(snapshot, owner);
    const record = await readRow<CoreMemoryRecord>(
      runtime.store,
      coreKey(owner, checked.core_version),
    );
    const core = new CoreMemory(record, checked.core_version);
    const agent = new MemgptAgent(options, runtime, core, checked);
    const entries = await agent.recall.log.read(checked.queue_start, checked.recall.length);
    const summary =
      checked.summary_version === 0
        ? undefined
        : await readRow<Summary | null>(runtime.store, summaryKey(owner, checked.summary_version));
    const { front_version = 0 } = checked;
    const front =
      front_version === 0
        ? undefined
        : await readRow<Front | null>(runtime.store, frontKey(owner, front_version));
    agent.#context.restore({
      start: checked.queue_start,
      messages: entries.map((entry) => entry.message),
      trims: checked.trims,
      summary_version: checked.summary_version,
      ...(summary ? { summary } : {}),
      front_version,
      ...(front?.layout === agent.#layout ? { front } : {}),
    });
    agent.#rendered = { core: core.version, sources: agent.sources };
    agent.#context.warned = checked.warned;
    agent.#answerOpenCalls();
    return agent;
  }

  /** Library use: the agent that `save` stored; undefined when there is none. Rejects as `restore`. */
  static async load(
    options: MemgptAgentOptions,
    runtime: MemgptRuntime,
  ): Promise<MemgptAgent | undefined> {
    const stored = await runtime.store.get<MemgptSnapshot>(stateKey(options.owner));
    return stored === undefined ? undefined : MemgptAgent.restore(stored, options, runtime);
  }

  /** In the order they were attached. */
  get sources(): readonly AttachedSource[] {
    return this.archival.sources;
  }

  /** What the model would see now: for bench/, tests and `debug`. */
  get prompt(): readonly ChatMessage[] {
    return this.#context.prompt();
  }

  /**
   * Hears the lines and answers. They stay heard when this rejects, so they are not passed again;
   * without lines, the agent goes on from where it is. Rejects with a `ModelError`, a `StoreError`
   * or the signal's reason if nothing was said before it; state is consistent either way. One reply
   * at a time.
   */
  async reply(lines: readonly IncomingLine[], options: ReplyOptions = {}): Promise<AgentReply> {
    if (this.#busy) {
      throw new ColloquyError("agent_busy", `${this.name} is answering already.`);
    }
    this.#busy = true;
    this.#signal = options.signal;
    try {
      if (lines.length > 0) this.#context.turn = this.recall.log.length;
      for (const { speaker, text, created_at } of lines) {
        const time = this.#time.format(created_at);
        this.#append(packageUserMessage(speaker, text, time), created_at);
      }
      return await new StepLoop(this.#loopView(), options).run();
    } finally {
      this.#busy = false;
      this.#signal = undefined;
      this.#takeHeldAlerts();
      this.recall.indexBehind();
    }
  }

  /** Puts the memories in order while nobody talks to it (consolidation.ts); not beside a reply. */
  async consolidate(options: ConsolidationOptions = {}): Promise<ConsolidationReport> {
    if (this.#busy) throw new ColloquyError("agent_busy", `${this.name} is answering.`);
    this.#busy = true;
    try {
      const report = await consolidate({ ...this.#loopView(), recall: this.recall }, options);
      // The queue knows nothing of these edits, so the prompt must show them.
      if (report.changes.length > 0) this.#context.renderFront();
      return report;
    } finally {
      this.#busy = false;
      this.#takeHeldAlerts();
    }
  }

  /**
   * Links a source, and tells the agent at once what it can search now. Attaching it again with
   * nothing changed tells nothing.
   */
  attachSource(source: AttachedSource): void {
    const known = this.sources.find((other) => other.id === source.id);
    this.archival.attach(source);
    if (known && describeSource(known) === describeSource(source)) return;
    this.#alert(
      `A data source is attached to your archival memory: ${describeSource(source)}. ${this.#archiveTotal()}`,
    );
  }

  /** False when no such source was attached. */
  detachSource(id: string): boolean {
    const source = this.archival.detach(id);
    if (!source) return false;
    this.#alert(
      `A data source was detached from your archival memory and cannot be searched any more: ${describeSource(source)}. ${this.#archiveTotal()}`,
    );
    return true;
  }

  /** To be taken together with `pendingRows`, without waiting in between. */
  snapshot(): MemgptSnapshot {
    return {
      version: 1,
      name: this.name,
      queue_start: this.#context.start,
      trims: [...this.#context.trims],
      recall: this.recall.state(),
      archival: this.archival.state(),
      core_version: this.core.version,
      summary_version: this.#context.summary_version,
      front_version: this.#context.front_version,
      sources: [...this.sources],
      first_message_done: this.#firstMessageDone,
      warned: this.#context.warned,
    };
  }

  /** Rows to be stored before the record that holds `snapshot()`. */
  pendingRows(): readonly Row[] {
    return this.#rows.pending();
  }

  /** Tells that the rows, as `pendingRows` gave them, and their record are stored. */
  committed(rows: readonly Row[]): void {
    this.#rows.committed(rows);
  }

  /** Library use: stores everything; `load` finds it. A channel commits by itself instead. */
  async save(): Promise<void> {
    const rows = this.pendingRows();
    const state: Row = [stateKey(this.#options.owner), this.snapshot()];
    await this.#runtime.store.setMany([...rows, state]);
    this.committed(rows);
  }

  /** Keys of everything committed, for deleting the agent. Passages go by their owners. */
  keys(): string[] {
    return this.#rows.keys();
  }

  #loopView(): StepLoopAgent {
    const { skip_verify = false, first_message_verify_mono = false } = this.#options;
    return {
      name: this.name,
      model: this.#runtime.model,
      context: this.#context,
      functions: this.#functions,
      logger: this.#runtime.logger,
      max_chain: this.#options.max_chain ?? DEFAULT_MAX_CHAIN,
      verifyFirst: () =>
        this.#firstMessageDone || skip_verify
          ? undefined
          : { monologue: first_message_verify_mono },
      firstMessageDone: () => {
        this.#firstMessageDone = true;
      },
      nextRow: () => this.recall.log.length,
      append: (message) => this.#append(message),
      takeHeldAlerts: () => this.#takeHeldAlerts(),
      formatNow: () => this.#formatNow(),
      functionContext: (say, signal) => this.#functionContext(say, signal),
    };
  }

  #functionContext(
    say: (message: string) => void,
    signal: AbortSignalLike | undefined,
  ): FunctionContext {
    return {
      core: this.core,
      recall: this.recall,
      archival: this.archival,
      now: this.#runtime.clock.now(),
      say,
      ...(signal ? { signal } : {}),
    };
  }

  #append(message: ChatMessage, createdAt = this.#runtime.clock.now()): void {
    this.#context.push(this.recall.append({ created_at: createdAt, message }), message);
    if (this.#layout === "memgpt_0_3") this.#followFront();
  }

  /** MemGPT 0.3.5 `rebuild_memory`; attached sources count as well, which it forgot. */
  #followFront(): void {
    const { core, sources } = { core: this.core.version, sources: this.sources };
    if (this.#rendered?.core === core && this.#rendered.sources === sources) return;
    this.#context.renderFront();
  }

  #alert(text: string): void {
    this.#heldAlerts.push(packageAlert(text, this.#formatNow()));
    if (!this.#busy) this.#takeHeldAlerts();
  }

  #takeHeldAlerts(): void {
    for (const alert of this.#heldAlerts.splice(0)) this.#append(alert);
  }

  #archiveTotal(): string {
    return `Archival memory now holds ${this.archival.count()} passages in all; archival_memory_search finds them.`;
  }

  /** A process that died between a call and its result leaves a queue that providers refuse. */
  #answerOpenCalls(): void {
    const queue = this.#context.queue;
    const answered = new Set(queue.map((message) => message.tool_call_id));
    const last = queue.findLast((message) => message.role !== "tool");
    for (const call of last?.tool_calls ?? []) {
      if (answered.has(call.id)) continue;
      const text = `Error calling function ${call.function.name}: it was interrupted`;
      this.#append(packageFunctionResult(call.id, false, text, this.#formatNow()));
    }
  }

  #summarize(messages: readonly ChatMessage[]): Promise<string> {
    const { model, tokens, logger } = this.#runtime;
    const signal = this.#signal ? { signal: this.#signal } : {};
    return summarize(messages, { model, tokens, logger, agent: this.name, ...signal });
  }

  #renderFront(): Front {
    this.#rendered = { core: this.core.version, sources: this.sources };
    return renderFront({
      layout: this.#layout,
      core: this.core,
      recall: this.recall,
      archival: this.archival,
      time: this.#time,
      now: this.#runtime.clock.now(),
    });
  }

  #formatNow(): string {
    return this.#time.format(this.#runtime.clock.now());
  }
}
