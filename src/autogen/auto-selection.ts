/**
 * The `auto` method: a model reads the log and names the next speaker; an answer that names nobody, or
 * several, is sent back a bounded number of times.
 */
import type { ChatMessage, ChatModel, ChatRole } from "../memgpt/ports.ts";
import type { ConversableAgent } from "./conversable-agent.ts";
import type { GroupChat } from "./group-chat.ts";
import type { AgentMessage } from "./message.ts";
import { MessageThread } from "./message-thread.ts";
import { toChatMessages } from "./model-request.ts";
import type { ChatFlow } from "./reply.ts";

/** Texts of the selection requests; `{roles}` and `{agentlist}` are filled in. */
export interface SelectorTemplates {
  /** First message, in the role `system`. Not empty. */
  select_speaker_message_template: string;
  /** Last message; null or "" leaves it out. */
  select_speaker_prompt_template: string | null;
  /** Sent back when an answer names several. */
  select_speaker_auto_multiple_template: string;
  /** Sent back when an answer names nobody. */
  select_speaker_auto_none_template: string;
  /** Role of the last message and of what is sent back. Default "system". */
  role_for_select_speaker_messages: ChatRole;
  max_retries_for_selecting_speaker: number;
}

const DEFAULTS: SelectorTemplates = {
  select_speaker_message_template:
    "You lead a conversation between several roles:\n{roles}\n\nFollow the conversation below, then say which role of {agentlist} speaks next. Answer with the name of that role and nothing else.",
  select_speaker_prompt_template:
    "Which role of {agentlist} speaks next in the conversation above? Answer with its name and nothing else.",
  select_speaker_auto_multiple_template:
    "Your answer names more than one role. Decide for the one that speaks next: the one you gave the word to, not one that is only mentioned. If in doubt, take the first. The names, to be written exactly so, are {agentlist}. Answer with one of them and nothing else.",
  select_speaker_auto_none_template:
    "Your answer names no role. The names, to be written exactly so, are {agentlist}. Answer with the one that speaks next and nothing else.",
  role_for_select_speaker_messages: "system",
  max_retries_for_selecting_speaker: 2,
};

/** Tokens held back for the answer and the follow-up questions. */
const RESERVE = 512;

/** The member that the model named; undefined when no answer named exactly one. */
export async function autoSelect(
  group: GroupChat,
  candidates: readonly ConversableAgent[],
  model: ChatModel,
  selector: ConversableAgent,
  flow: ChatFlow,
): Promise<ConversableAgent | undefined> {
  const { signal } = flow;
  const messages = selectionRequest(group, candidates, model, selector);
  const attempts = group.max_retries_for_selecting_speaker + 1;
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const completion = await model.complete({ messages, ...(signal ? { signal } : {}) });
    selector.usage.add(completion);
    const { content } = completion;
    const named = mentionedAgents(content ?? "", candidates);
    if (group.select_speaker_auto_verbose) {
      flow.print?.(formatAttempt(attempt + 1, attempts, named));
    }
    if (named.length === 1) return named[0];
    const template =
      named.length > 1
        ? group.select_speaker_auto_multiple_template
        : group.select_speaker_auto_none_template;
    messages.push(
      { role: "assistant", content: content ?? "" },
      { role: group.role_for_select_speaker_messages, content: fill(template, candidates) },
    );
  }
  return undefined;
}

/**
 * Agents whose name stands in the text as a word of its own, case-sensitive; for underscores a space
 * or an escaped underscore is accepted (AutoGen's `_mentioned_agents`).
 */
export function mentionedAgents(
  text: string,
  agents: readonly ConversableAgent[],
): ConversableAgent[] {
  return agents.filter(({ name }) => {
    const forms = [name, name.replaceAll("_", " "), name.replaceAll("_", "\\_")];
    const pattern = [...new Set(forms)].map(escapePattern).join("|");
    return new RegExp(`(?<![\\p{L}\\p{N}_])(?:${pattern})(?![\\p{L}\\p{N}_])`, "u").test(text);
  });
}

/** The lines of `select_speaker_auto_verbose`. */
function formatAttempt(
  attempt: number,
  attempts: number,
  named: readonly ConversableAgent[],
): string {
  const [first] = named;
  // The "#" and the missing total are the original's.
  if (!first) {
    return `>>>>>>>> Select speaker attempt #${attempt} failed as it did not include any agent names.`;
  }
  const head = `>>>>>>>> Select speaker attempt ${attempt} of ${attempts}`;
  if (named.length > 1) return `${head} failed as it included multiple agent names.`;
  return `${head} successfully selected: ${first.name}`;
}

/** The first message of a selection request (AutoGen's `select_speaker_msg`). */
export function selectSpeakerMsg(group: GroupChat, agents: readonly ConversableAgent[]): string {
  return fill(group.select_speaker_message_template, agents);
}

/** The last message of a selection request; null where the template is null or empty. */
export function selectSpeakerPrompt(
  group: GroupChat,
  agents: readonly ConversableAgent[],
): string | null {
  const { select_speaker_prompt_template: template } = group;
  return template ? fill(template, agents) : null;
}

/** One line per member, name and description, as models and introductions show them. */
export function rolesText(agents: readonly ConversableAgent[]): string {
  return agents.map((agent) => `${agent.name}: ${agent.description}`.trim()).join("\n");
}

/** AutoGen's `introductions_msg`. */
export function introductions(agents: readonly ConversableAgent[]): string {
  return `Hello everyone. This is who takes part in this conversation:\n\n${rolesText(agents)}`;
}

function selectionRequest(
  group: GroupChat,
  candidates: readonly ConversableAgent[],
  model: ChatModel,
  selector: ConversableAgent,
): ChatMessage[] {
  const { window } = selector;
  const { role_for_select_speaker_messages: role } = group;
  const first = selectSpeakerMsg(group, candidates);
  const last = selectSpeakerPrompt(group, candidates) ?? "";
  const budget = model.context_window - RESERVE - window.count(first) - window.count(last);
  const shown = group.select_speaker_transform_messages
    ? threadOf(group.select_speaker_transform_messages.apply(group.messages))
    : group.log;
  const lines = window.select(shown, Math.max(1, budget));
  const newest = lines.at(-1);
  // A pending call is blanked: no result follows it here, and backends want one.
  if (newest) lines[lines.length - 1] = { ...blanked(newest) };
  const closing: ChatMessage[] = last === "" ? [] : [{ role, content: last }];
  return [{ role: "system", content: first }, ...toChatMessages(lines), ...closing];
}

function threadOf(messages: readonly AgentMessage[]): MessageThread {
  const thread = new MessageThread();
  for (const message of messages) thread.append(message);
  return thread;
}

function blanked<
  T extends { content: string | null; function_call?: unknown; tool_calls?: unknown },
>({ function_call: _call, tool_calls: _calls, ...rest }: T) {
  return { ...rest, content: rest.content ?? "" };
}

/** What of the texts was not given, in this project's words. */
export function withDefaults(given: Partial<SelectorTemplates>): SelectorTemplates {
  const { select_speaker_prompt_template: prompt } = given;
  return {
    select_speaker_message_template:
      given.select_speaker_message_template ?? DEFAULTS.select_speaker_message_template,
    select_speaker_prompt_template:
      prompt === undefined ? DEFAULTS.select_speaker_prompt_template : prompt,
    select_speaker_auto_multiple_template:
      given.select_speaker_auto_multiple_template ?? DEFAULTS.select_speaker_auto_multiple_template,
    select_speaker_auto_none_template:
      given.select_speaker_auto_none_template ?? DEFAULTS.select_speaker_auto_none_template,
    role_for_select_speaker_messages:
      given.role_for_select_speaker_messages ?? DEFAULTS.role_for_select_speaker_messages,
    max_retries_for_selecting_speaker:
      given.max_retries_for_selecting_speaker ?? DEFAULTS.max_retries_for_selecting_speaker,
  };
}

/** Fills a template in one pass, so that a description cannot smuggle in another placeholder. */
function fill(template: string, agents: readonly ConversableAgent[]): string {
  return template.replace(/\{(roles|agentlist)\}/g, (_all, key: string) =>
    key === "roles" ? rolesText(agents) : `[${agents.map(({ name }) => `'${name}'`).join(", ")}]`,
  );
}

function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
