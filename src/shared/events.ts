/**
 * What an agent does on its way to a reply, told while it happens. Surfaces show or drop these as
 * the channel has chosen; they never enter another agent's context (design, decision 4).
 */
export type AgentEvent =
  /** MemGPT's inner monologue, or a reasoning model's thoughts. */
  | { type: "inner_thoughts"; agent: string; text: string }
  /** A function is about to run. `arguments` is what the model wrote, already parsed. */
  | {
      type: "function_call";
      agent: string;
      name: string;
      arguments: Readonly<Record<string, unknown>>;
    }
  | { type: "function_result"; agent: string; name: string; ok: boolean; text: string }
  /**
   * A part of the reply's text as it is being written. The parts of one reply join to a prefix of it, unless
   * the model was asked again and wrote something else: then they stop, and the reply is the truth.
   */
  | { type: "text_delta"; agent: string; text: string }
  /** A limit was reached or something was done differently than asked: one line for the people. */
  | { type: "notice"; agent: string; text: string };

export type AgentEventListener = (event: AgentEvent) => void;
