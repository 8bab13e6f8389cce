/**
 * The MemGPT agent: core, recall and archival memory around a main context, and a step loop that
 * lets the model move things between them by function calls. State is rows plus a small snapshot;
 * the caller decides when they are committed. How a reply is found is in step-loop.ts.
 */
import type { AbortSignalLike } from "../shared/abort.ts";
import { ColloquyError } from "../shared/errors.ts";
import { AgentFront } from "./agent-front.ts";
import { AgentRows, stateKey } from "./agent-rows.ts";
import { ArchivalMemory } from "./archival-memory.ts";
import {
  type ConsolidationOptions,
  type ConsolidationReport,
  consolidate,
} from "./consolidation.ts";
import { CoreMemory, type EditReceipt } from "./core-memory.ts";
import type { FunctionTable } from "./function-call.ts";
import { functionsOf } from "./function-set.ts";
import { MainContext } from "./main-context.ts";
import {
  bootMessages,
  OFF_RECORD_END,
  packageAlert,
  packageFunctionResult,
  packageUserMessage,
} from "./packaging.ts";
import { correctPerson, undoEdits } from "./people-edits.ts";
import { PeopleInView } from "./people-in-view.ts";
import type { ChatMessage } from "./ports.ts";
import { emptiedRow, RecallMemory } from "./recall-memory.ts";
import { summarize } from "./recursive-summary.ts";
import {
  type AgentReply,
  type AttachedSource,
  DEFAULT_MAX_CHAIN,
  type IncomingLine,
  type MemgptAgentOptions,
  type MemgptRuntime,
  type ReplyOptions,
  type Row,
} from "./runtime.ts";
import { checkSnapshot, type MemgptSnapshot } from "./snapshot.ts";
import { StepLoop, type StepLoopAgent } from "./step-loop.ts";
import { endsUnanswered, openCalls, readStoredAgent } from "./stored-agent.ts";
import { attachedText, describeSource, detachedText } from "./system-message.ts";
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
  readonly #people: PeopleInView;
  /** Somebody who is not to be remembered has spoken, and the run goes on. */
  #offRecord = false;
  readonly #front: AgentFront;
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
    this.#people = new PeopleInView(core, snapshot?.loaded);
    const { recall, archival } = this;
    this.#front = new AgentFront({
      layout: options.layout ?? "append",
      ...{ core, recall, archival, people: this.#people, time: this.#time, runtime },
    });
    this.#firstMessageDone = snapshot?.first_message_done ?? false;
    this.#context = new MainContext({
      tokens,
      toolTokens: tokens.count(JSON.stringify(this.#functions.schemas)),
      window: () => runtime.model.context_window,
      prompt: options.system,
      renderFront: () => this.#front.render(this.#context.people()),
      formatNow: () => this.#formatNow(),
      logLength: () => this.recall.log.length,
      summarize: (messages) => this.#summarize(messages),
    });
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
    const { summary, front, queue, ...stored } = await readStoredAgent(
      runtime.store,
      owner,
      checked,
    );
    const core = new CoreMemory(stored.core, checked.core_version);
    const agent = new MemgptAgent(options, runtime, core, checked);
    agent.#context.restore({
      start: checked.queue_start,
      messages: queue,
      trims: checked.trims,
      summary_version: checked.summary_version,
      ...(summary ? { summary } : {}),
      front_version: checked.front_version ?? 0,
      ...(front?.layout === (options.layout ?? "append") ? { front } : {}),
    });
    agent.#front.assumeCurrent();
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
    return this.#alone(async () => {
      this.#signal = options.signal;
      try {
        if (lines.length > 0) this.#context.turn = this.recall.log.length;
        for (const line of lines) this.#hear(line);
        return await new StepLoop(this.#loopView(), options).run();
      } finally {
        this.#signal = undefined;
        this.recall.indexBehind();
      }
    });
  }

  /** Puts the memories in order while nobody talks to it (consolidation.ts); not beside a reply. */
  consolidate(options: ConsolidationOptions = {}): Promise<ConsolidationReport> {
    const more = { recall: this.recall, tokens: this.#runtime.tokens };
    return this.#alone(() => consolidate({ ...this.#loopView(), ...more }, options));
  }

  /**
   * Links a source, and tells the agent at once what it can search now. Attaching it again with
   * nothing changed tells nothing.
   */
  attachSource(source: AttachedSource): void {
    const known = this.sources.find((other) => other.id === source.id);
    this.archival.attach(source);
    if (known && describeSource(known) === describeSource(source)) return;
    this.#alert(attachedText(source, this.archival.count()));
  }

  /** False when no such source was attached. */
  detachSource(id: string): boolean {
    const source = this.archival.detach(id);
    if (!source) return false;
    this.#alert(detachedText(source, this.archival.count()));
    return true;
  }

  /** Takes back the newest edits of core memory, and tells the agent. Empty when there are none. */
  undoEdits(count = 1): EditReceipt[] {
    const { undone, told } = undoEdits(this.core, count, this.#runtime.clock.now());
    if (undone.length > 0) this.#alert(told);
    return undone;
  }

  /**
   * A person puts right what their own block says; the agent is told, and nobody undoes it. Throws as
   * `CoreMemory.replace` does, also when they have no block.
   */
  correctPerson(person: string, old_content: string, new_content: string): EditReceipt {
    const change = { old_content, new_content };
    const { edit, told } = correctPerson(this.core, person, change, this.#runtime.clock.now());
    this.#people.shown(person);
    this.#alert(told);
    return edit;
  }

  /**
   * What was said and done since somebody who is not to be remembered spoke leaves the prompt. To be
   * called when the run is over; without such a line it does nothing.
   */
  endOffRecord(): void {
    if (!this.#offRecord) return;
    this.#offRecord = false;
    this.#context.dropOffRecord();
    if (endsUnanswered(this.#context.queue)) this.#alert(OFF_RECORD_END);
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
      ...(this.core.people.length > 0 ? { loaded: this.#people.ids() } : {}),
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
    const { core, recall, archival } = this;
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
      functionContext: (outlets, signal) => ({
        ...{ core, recall, archival, ...outlets },
        now: this.#runtime.clock.now(),
        off_record: this.#offRecord,
        ...(signal ? { signal } : {}),
      }),
    };
  }

  /** Alerts that come meanwhile wait until it is over. */
  async #alone<T>(work: () => Promise<T>): Promise<T> {
    if (this.#busy) throw new ColloquyError("agent_busy", `${this.name} is answering already.`);
    this.#busy = true;
    try {
      return await work();
    } finally {
      this.#busy = false;
      this.#takeHeldAlerts();
    }
  }

  #hear({ speaker, text, created_at, person, off_record }: IncomingLine): void {
    if (off_record) this.#offRecord = true;
    const kept = person !== undefined && !off_record;
    const arrival = kept ? this.#people.arrive(person, speaker) : undefined;
    // Before the line, so that the line is what the model reads last.
    if (arrival) this.#append(packageAlert(arrival, this.#formatNow()), { keep: true });
    const message = packageUserMessage(speaker, text, this.#time.format(created_at));
    this.#append(message, { created_at, ...(kept ? { person, keep: true } : {}) });
  }

  /** Off the record, only an emptied row is stored, unless `keep` says otherwise. */
  #append(
    message: ChatMessage,
    options: { created_at?: number; person?: string; keep?: boolean } = {},
  ): void {
    const { created_at = this.#runtime.clock.now(), person, keep = !this.#offRecord } = options;
    const by = person === undefined ? {} : { person };
    const row = { created_at, message, ...by };
    const index = this.recall.append(keep ? row : emptiedRow(row));
    this.#context.push(index, message, { ...by, ...(keep ? {} : { off_record: true }) });
    if (this.#front.outdated) this.#context.renderFront();
  }

  #alert(text: string): void {
    this.#heldAlerts.push(packageAlert(text, this.#formatNow()));
    if (!this.#busy) this.#takeHeldAlerts();
  }

  #takeHeldAlerts(): void {
    for (const alert of this.#heldAlerts.splice(0)) this.#append(alert, { keep: true });
  }

  /** A process that died between a call and its result leaves a queue that providers refuse. */
  #answerOpenCalls(): void {
    for (const { id, name } of openCalls(this.#context.queue)) {
      const text = `Error calling function ${name}: it was interrupted`;
      this.#append(packageFunctionResult(id, false, text, this.#formatNow()));
    }
  }

  #summarize(messages: readonly ChatMessage[]): Promise<string> {
    const { model, tokens, logger } = this.#runtime;
    const signal = this.#signal ? { signal: this.#signal } : {};
    return summarize(messages, { model, tokens, logger, agent: this.name, ...signal });
  }

  #formatNow(): string {
    return this.#time.format(this.#runtime.clock.now());
  }
}
