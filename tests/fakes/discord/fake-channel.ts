import { Call } from "./calls.ts";
import {
  type CommandInput,
  checkAllowed,
  commandData,
  findCommand,
  type GivenFile,
  type OptionValue,
  storeFile,
} from "./command-input.ts";
import { CHANNEL_TYPES, INTENTS, INTERACTION, MESSAGE_FLAGS } from "./constants.ts";
import type { FakeMember } from "./fake-guild.ts";
import { isOlder } from "./ids.ts";
import { dispatchInteraction } from "./interaction-events.ts";
import type { Interactions } from "./interactions.ts";
import { type JsonObject, numberOf } from "./json.ts";
import { messagePayload } from "./message-payloads.ts";
import { announceChannel, announceEdit, postMessage, removeMessage } from "./messages.ts";
import { filledIn } from "./modal-rules.ts";
import type { ChannelRecord, FakeMessage, WebhookRecord } from "./records.ts";
import { filledRows, findComponent, pressed, used } from "./used-components.ts";
import type { World } from "./world.ts";

export interface SayOptions {
  attachments?: readonly GivenFile[];
  /** Puts a mention of the bot before the text. */
  mentionsBot?: boolean;
  replyTo?: FakeMessage;
  forwards?: FakeMessage;
}

/** A text channel, thread or DM as the people in it use it, and what a test may look up about it. */
export class FakeChannel {
  readonly record: ChannelRecord;
  readonly #world: World;
  readonly #interactions: Interactions;

  constructor(world: World, interactions: Interactions, record: ChannelRecord) {
    this.#world = world;
    this.#interactions = interactions;
    this.record = record;
  }

  get id(): string {
    return this.record.id;
  }

  get name(): string {
    return this.record.name;
  }

  /** What people see, oldest first; deleted and ephemeral messages are not in it. */
  get messages(): readonly FakeMessage[] {
    return this.record.messages;
  }

  /** What the bot and its webhooks have posted and not deleted. */
  get botMessages(): readonly FakeMessage[] {
    return this.record.messages.filter((m) => m.fromBot);
  }

  get webhooks(): readonly WebhookRecord[] {
    return this.#world.webhooksOf(this.record);
  }

  /** Threads of this channel that are not deleted, also those the bot has started. */
  get threads(): readonly FakeChannel[] {
    return [...this.#world.channels.values()]
      .filter((c) => c.parent === this.record && !c.deleted)
      .map((c) => new FakeChannel(this.#world, this.#interactions, c));
  }

  addThread(options: { name: string }): FakeChannel {
    const { record } = this;
    if (record.guild === undefined) throw new Error("a DM has no threads");
    const thread = this.#world.addChannel({
      type: CHANNEL_TYPES.public_thread,
      name: options.name,
      guild: record.guild,
      parent: record,
    });
    announceChannel(this.#world, thread, "THREAD_CREATE");
    return new FakeChannel(this.#world, this.#interactions, thread);
  }

  /** A person (or a foreign bot) writes. Resolves when the event has been handed to the gateway. */
  async say(member: FakeMember, text: string, options: SayOptions = {}): Promise<FakeMessage> {
    const files = (options.attachments ?? []).map((file) =>
      storeFile(this.#world, this.record, file, false),
    );
    const mention = options.mentionsBot === true ? `<@${this.#world.bot.id}> ` : "";
    return postMessage(this.#world, {
      channel: this.record,
      author: { id: member.id, name: member.name, bot: member.user.bot },
      fromBot: false,
      content: `${mention}${text}`.trim(),
      attachments: files,
      ...(options.replyTo === undefined ? {} : { replyTo: options.replyTo }),
      ...(options.forwards === undefined ? {} : { forwards: options.forwards }),
    });
  }

  /** A person changes one of their own messages. */
  async edit(message: FakeMessage, text: string): Promise<void> {
    message.content = text;
    message.edits.push(text);
    announceEdit(this.#world, this.record, message);
  }

  /** A webhook that is not the bot's posts here. */
  async webhookSays(post: { name: string; text: string }): Promise<FakeMessage> {
    const owner = [...this.#world.users.values()].find((u) => !u.bot) ?? this.#world.bot;
    const foreign =
      this.webhooks.find((w) => w.application_id === null) ??
      this.#world.addWebhook(this.record.parent ?? this.record, "Foreign", null, null, owner);
    return postMessage(this.#world, {
      channel: this.record,
      author: { id: foreign.id, name: post.name, bot: true, webhookId: foreign.id },
      fromBot: false,
      content: post.text,
    });
  }

  /** Calls a slash command with the options typed; resolves when the event is out. */
  async slash(member: FakeMember, name: string, input: CommandInput = {}): Promise<Call> {
    const command = findCommand(this.#world, this.record, name);
    if (input.force !== true) checkAllowed(this.record, member.user, command);
    const data = commandData(this.#world, this.record, command, input);
    const steps = [name, input.group, input.subcommand].filter((s) => s !== undefined);
    return this.#call(
      {
        type: INTERACTION.command,
        channel: this.record,
        user: member.user,
        label: `/${steps.join(" ")}`,
        commandName: name,
      },
      data,
    );
  }

  /** Chooses a command in a message's menu. */
  async messageCommand(member: FakeMember, name: string, message: FakeMessage): Promise<Call> {
    const command = findCommand(this.#world, this.record, name, 3);
    checkAllowed(this.record, member.user, command);
    return this.#call(
      {
        type: INTERACTION.command,
        channel: this.record,
        user: member.user,
        label: `menu "${name}"`,
        commandName: name,
      },
      {
        ...{ id: command.id, name, type: 3, target_id: message.id },
        resolved: { messages: { [message.id]: messagePayload(this.#world, message) } },
      },
    );
  }

  /** What the bot offers while `typed` stands in the option. */
  async autocomplete(
    member: FakeMember,
    name: string,
    input: {
      group?: string;
      subcommand?: string;
      option: string;
      typed: string;
      options?: Record<string, OptionValue>;
    },
  ): Promise<{ name: string; value: string | number }[]> {
    const command = findCommand(this.#world, this.record, name);
    const options = { ...input.options, [input.option]: input.typed };
    const data = commandData(
      this.#world,
      this.record,
      command,
      { ...input, options },
      input.option,
    );
    const record = dispatchInteraction(
      this.#world,
      this.#interactions,
      {
        type: INTERACTION.autocomplete,
        channel: this.record,
        user: member.user,
        label: `autocomplete of /${name} ${input.option}`,
      },
      data,
    );
    await new Call(this.#world, record).acknowledged();
    return (record.choices ?? []).map((c) => ({
      name: String(c.name),
      value: typeof c.value === "number" ? c.value : String(c.value),
    }));
  }

  /** Presses the button with this custom id or label. */
  async press(member: FakeMember, message: FakeMessage, idOrLabel: string): Promise<Call> {
    const button = findComponent(message, (c) => c.type === 2, idOrLabel);
    if (button.disabled === true) throw new Error(`the button ${idOrLabel} is disabled`);
    return this.#call(used(this.record, member, message, button), {
      ...pressed(button),
      component_type: 2,
    });
  }

  /** Presses a button that the person's screen still shows, though it has been taken away. */
  async pressStale(member: FakeMember, message: FakeMessage, button: JsonObject): Promise<Call> {
    return this.#call(used(this.record, member, message, button), {
      ...pressed(button),
      component_type: 2,
    });
  }

  /** The button with this custom id or label, to be pressed when it is gone. */
  button(message: FakeMessage, idOrLabel: string): JsonObject {
    return findComponent(message, (c) => c.type === 2, idOrLabel);
  }

  /** Chooses values in a select menu. */
  async select(
    member: FakeMember,
    message: FakeMessage,
    customId: string,
    values: readonly string[],
  ): Promise<Call> {
    const menu = findComponent(message, (c) => numberOf(c.type) !== 2, customId);
    return this.#call(used(this.record, member, message, menu), {
      ...pressed(menu),
      component_type: menu.type,
      values,
    });
  }

  /** Sends in the modal that a call has opened: what is not typed stays as it stood there. */
  async submitModal(member: FakeMember, call: Call, values: Record<string, string>): Promise<Call> {
    const { modal } = call;
    if (modal === undefined) throw new Error("the call has opened no modal");
    return this.#call(
      {
        type: INTERACTION.modal,
        channel: this.record,
        user: member.user,
        label: `modal "${String(modal.custom_id)}"`,
        ...(call.source === undefined ? {} : { source: call.source }),
      },
      { custom_id: modal.custom_id, components: filledRows(filledIn(modal, values)) },
    );
  }

  /**
   * The next post of the bot or its webhooks that this has not yet handed out and that fits
   * `predicate` as it stands now, edits included. "Is thinking" does not count as a post.
   */
  nextMessage(
    predicate: (message: FakeMessage) => boolean = () => true,
    timeoutMs = 10_000,
  ): Promise<FakeMessage> {
    const probe = (): FakeMessage | undefined => {
      const { messages } = this.record;
      let from = messages.length;
      while (from > 0 && isOlder(this.record.seen, messages[from - 1]?.id ?? "0")) from -= 1;
      const found = messages
        .slice(from)
        .find((m) => m.fromBot && (m.flags & MESSAGE_FLAGS.loading) === 0 && predicate(m));
      if (found !== undefined) this.record.seen = found.id;
      return found;
    };
    return this.#world.until(
      probe,
      timeoutMs,
      () => `a post in #${this.name}; there are: ${this.#transcript()}`,
    );
  }

  /** Resolves when nothing visible has happened anywhere for `quietMs`. */
  quiet(quietMs = 300, timeoutMs = 30_000): Promise<void> {
    return this.#world.settled(quietMs, timeoutMs);
  }

  /** When the bot has shown "is typing" here. */
  get typing(): readonly number[] {
    return this.#world.typing.filter((t) => t.channelId === this.id).map((t) => t.at);
  }

  /** Someone deletes a message; requests about it then get 10008, which is not the bot's fault. */
  deleteMessage(message: FakeMessage): void {
    removeMessage(this.#world, this.record, message);
  }

  /** Someone deletes all webhooks of the channel behind the bot's back. */
  deleteWebhooks(): void {
    for (const webhook of this.webhooks) webhook.deleted_by = "test";
    this.#world.dispatch({
      t: "WEBHOOKS_UPDATE",
      intents: INTENTS.guild_webhooks,
      d: { guild_id: this.record.guild?.id, channel_id: this.id },
    });
  }

  /** Fills the channel with foreign webhooks up to the cap of 15. */
  fillWebhooks(): void {
    for (let n = this.webhooks.length; n < 15; n += 1) {
      this.#world.addWebhook(this.record, `Foreign ${n}`, null, null, this.#world.bot);
    }
  }

  /** Deletes the channel: an event, and 10003 from then on. */
  delete(): void {
    this.record.deleted = true;
    announceChannel(
      this.#world,
      this.record,
      this.record.parent === undefined ? "CHANNEL_DELETE" : "THREAD_DELETE",
    );
  }

  /** Archives a thread; locked ones refuse posts with 50083. */
  archive(options: { locked?: boolean } = {}): void {
    this.record.archived = true;
    this.record.locked = options.locked ?? false;
    announceChannel(this.#world, this.record, "THREAD_UPDATE");
  }

  /** The person of this DM takes no more messages from the bot (50007). */
  refuseMessages(): void {
    this.record.closed = true;
  }

  #call(start: Parameters<Interactions["start"]>[0], data: JsonObject): Call {
    const { source } = start;
    const extra = source === undefined ? {} : { message: messagePayload(this.#world, source) };
    const record = dispatchInteraction(this.#world, this.#interactions, start, data, extra);
    return new Call(this.#world, record);
  }

  #transcript(): string {
    return JSON.stringify(this.messages.slice(-8).map((m) => `${m.author.name}: ${m.content}`));
  }
}
