/**
 * What a GroupChatManager is made of, and what a run of its group is given.
 */
import type { ConversableAgentOptions } from "./agent-options.ts";
import type { ConversableAgent } from "./conversable-agent.ts";
import type { GroupChat } from "./group-chat.ts";
import type { MessageInput } from "./message.ts";
import type { ChatFlow } from "./reply.ts";
import type { TerminationCondition } from "./stop-conditions.ts";

export interface GroupChatManagerOptions extends Omit<ConversableAgentOptions, "name"> {
  groupchat: GroupChat;
  /** Default "chat_manager". */
  name?: string;
  /** Reset at the start of each run; ends it with the condition's own reason. */
  termination_condition?: TerminationCondition;
}

/** An opening line, or the place where an earlier process stopped; log and views are then `restore`d. */
export type RunStart =
  | { opening: { message: MessageInput; speaker: ConversableAgent | string }; resume?: never }
  | { resume: { round: number; last_speaker: string }; opening?: never };

export type RoundsOptions = RunStart & ChatFlow & { termination_condition?: TerminationCondition };
