/**
 * From whom to whom the word may go: AutoGen's speaker transitions, checked when the group is made and
 * read against the members of the moment.
 */
import type { ConversableAgent } from "./conversable-agent.ts";
import { AutogenError } from "./errors.ts";
import type { GroupChat } from "./group-chat.ts";
import type { GroupChatOptions } from "./group-chat-options.ts";

/** From an agent to those it may (or may not) be followed by. */
export type TransitionTable = ReadonlyMap<ConversableAgent, readonly ConversableAgent[]>;

/** The table of allowed transitions, or undefined where `allow_repeat_speaker` rules alone. */
export function checkedTransitions(options: GroupChatOptions): TransitionTable | undefined {
  const table = options.allowed_or_disallowed_speaker_transitions ?? undefined;
  const type = options.speaker_transitions_type?.toLowerCase();
  if (type !== undefined && type !== "allowed" && type !== "disallowed") {
    throw invalid(`speaker_transitions_type is ${type}`, "Use allowed or disallowed.");
  }
  if (!table) return undefined;
  if ((options.allow_repeat_speaker ?? null) !== null) {
    throw invalid(
      "Both allowed_or_disallowed_speaker_transitions and allow_repeat_speaker are given",
      "Set one of them; the transitions say who may follow themselves.",
    );
  }
  if (type === undefined) {
    throw invalid(
      "speaker_transitions_type is missing beside the transitions",
      "Say whether they are allowed or disallowed.",
    );
  }
  checkMembers(table, options.agents);
  const allowed = type === "allowed" ? table : inverted(table, options.agents);
  if (![...allowed.values()].some((followers) => followers.length > 0)) {
    throw invalid("The speaker transitions let nobody follow anybody", "Allow at least one.");
  }
  return allowed;
}

/** Members that may follow `last`; undefined where `last` is a member without an entry. */
export function followers(
  group: GroupChat,
  last: ConversableAgent | undefined,
): readonly ConversableAgent[] | undefined {
  if (!last || !group.agents.includes(last)) return [];
  if (group.transitions) return group.transitions.get(last);
  const mayRepeat = repeats(group, last);
  return group.agents.filter((agent) => mayRepeat || agent !== last);
}

/** Whether `last` may speak again at once, as far as `allow_repeat_speaker` says. */
export function repeats(group: GroupChat, last: ConversableAgent | undefined): boolean {
  const { allow_repeat_speaker: rule } = group;
  if (rule === null || typeof rule === "boolean") return rule !== false;
  return last !== undefined && rule.includes(last);
}

function inverted(
  table: TransitionTable,
  agents: readonly ConversableAgent[],
): Map<ConversableAgent, ConversableAgent[]> {
  return new Map(
    agents.map((agent) => {
      const banned = table.get(agent) ?? [];
      return [agent, agents.filter((other) => !banned.includes(other))];
    }),
  );
}

function checkMembers(table: TransitionTable, agents: readonly ConversableAgent[]): void {
  for (const [from, to] of table) {
    const stranger = [from, ...to].find((agent) => !agents.includes(agent));
    if (stranger) {
      throw invalid(
        `The speaker transitions name ${stranger.name}, who is not a member`,
        "Name members of the group only.",
      );
    }
  }
}

function invalid(message: string, next: string): AutogenError {
  return new AutogenError("invalid_option", message, { next });
}
