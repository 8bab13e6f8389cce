/**
 * When a group's run ends, and whom a message gives the word to at once: the manager's predicate and
 * the stop conditions are tested on every line, a user proxy's predicate yields it the floor.
 */
import type { ConversableAgent } from "./conversable-agent.ts";
import type { AgentMessage } from "./message.ts";
import type { ChatFlow, Stop } from "./reply.ts";
import type { TerminationCondition } from "./stop-conditions.ts";
import { usageSince } from "./usage-since.ts";
import { UserProxyAgent } from "./user-proxy-agent.ts";

export class RunJudge {
  readonly #manager: ConversableAgent;
  readonly #conditions: readonly TerminationCondition[];
  readonly #outer: ChatFlow["judge"];
  readonly #used: ReturnType<typeof usageSince>;
  #ending: Stop | undefined;
  #yieldTo: ConversableAgent | undefined;

  /** Resets the conditions: a run begins. `outer` is the judge of the chat that the run is part of. */
  constructor(
    manager: ConversableAgent,
    conditions: readonly (TerminationCondition | undefined)[],
    outer: ChatFlow["judge"],
  ) {
    this.#manager = manager;
    this.#conditions = [...new Set(conditions)].filter((one) => one !== undefined);
    this.#outer = outer;
    this.#used = usageSince([manager]);
    for (const condition of this.#conditions) condition.reset();
  }

  line(line: AgentMessage, speaker: ConversableAgent | undefined): void {
    // Every condition sees every line, whichever ends the run.
    const stops = this.#conditions.map((one) => one.check([line], { usage: this.#used() }));
    stops.push(this.#outer?.(line));
    if (this.#manager.isTerminationMsg(line)) {
      const detail = `${line.name ?? "Somebody"} said the termination message`;
      this.#ending ??= { reason: "termination", detail };
    }
    this.#ending ??= stops.find((stop) => stop !== undefined);
    if (this.#ending) return;
    this.#yieldTo ??= this.#manager.members.find(
      (member) =>
        member instanceof UserProxyAgent && member !== speaker && member.isTerminationMsg(line),
    );
  }

  /** Why the run ends now; conditions that look at more than lines are asked anew. */
  ending(): Stop | undefined {
    const state = { usage: this.#used() };
    for (const condition of this.#conditions) this.#ending ??= condition.check([], state);
    return this.#ending;
  }

  /** The user proxy that a message has given the word to, told once. */
  takeYield(): ConversableAgent | undefined {
    const people = this.#yieldTo;
    this.#yieldTo = undefined;
    return people;
  }
}
