import {
  ConversableAgent,
  type ConversableAgentOptions,
  GroupChat,
  GroupChatManager,
  type GroupChatManagerOptions,
  type GroupChatOptions,
  type MessageInput,
  type RoundEvent,
  type RoundsOptions,
  type RunResult,
  UserProxyAgent,
} from "../../src/autogen/index.ts";

/** An agent without a model that says `line 1`, `line 2`, … or what it is told to. */
export function talker(
  name: string,
  lines?: readonly (MessageInput | null)[],
  options: Partial<ConversableAgentOptions> = {},
): ConversableAgent {
  const agent = new ConversableAgent({ name, human_input_mode: "NEVER", ...options });
  let said = 0;
  agent.registerReply([ConversableAgent, null], () => {
    said += 1;
    const line = lines ? lines[said - 1] : `${name} ${said}`;
    return [true, line === undefined ? `${name} ${said}` : line];
  });
  return agent;
}

/** The same, with termination, people and limits before it. */
export function chained(
  name: string,
  options: Partial<ConversableAgentOptions> = {},
): ConversableAgent {
  return new ConversableAgent({
    name,
    human_input_mode: "NEVER",
    default_auto_reply: `${name} here`,
    ...options,
  });
}

export function people(options: Partial<ConversableAgentOptions> = {}): UserProxyAgent {
  return new UserProxyAgent({ name: "User_proxy", ...options });
}

export function table(
  agents: readonly ConversableAgent[],
  group: Partial<GroupChatOptions> = {},
  manager: Partial<GroupChatManagerOptions> = {},
): GroupChatManager {
  const groupchat = new GroupChat({
    agents,
    speaker_selection_method: "round_robin",
    ...group,
  });
  return new GroupChatManager({ groupchat, ...manager });
}

export interface Told {
  events: RoundEvent[];
  result: RunResult;
  /** Speakers of the replies, in order. */
  speakers: string[];
}

export async function runAll(manager: GroupChatManager, options: RoundsOptions): Promise<Told> {
  const events: RoundEvent[] = [];
  const rounds = manager.rounds(options);
  for (;;) {
    const step = await rounds.next();
    if (step.done) return { events, result: step.value, speakers: speakersOf(events) };
    events.push(step.value);
  }
}

export function speakersOf(events: readonly RoundEvent[]): string[] {
  return events.flatMap((event) => (event.type === "message" ? [event.speaker] : []));
}

/** A thread as `role name: content` lines. */
export function view(agent: ConversableAgent, partner: ConversableAgent): string[] {
  return agent
    .threadWith(partner)
    .messages.map(({ role, name, content }) => `${role} ${name}: ${content}`);
}
