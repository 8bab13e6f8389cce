/**
 * What the bot talks to while it is measured, in this process and on loopback: the fake Discord,
 * with the people who write, and an OpenAI-compatible server that answers at once.
 */

import type { FakeChannel } from "../tests/fakes/discord/fake-channel.ts";
import { FakeDiscord } from "../tests/fakes/discord/fake-discord.ts";
import type { FakeGuild, FakeMember } from "../tests/fakes/discord/fake-guild.ts";
import type { FakeAnswer } from "../tests/fakes/openai-answers.ts";
import { type ChatBody, FakeOpenAiServer } from "../tests/fakes/openai-server.ts";

/** Who sits at the table, and so how many model requests one line of a person causes. */
export type Cast = "memgpt" | "plain" | "table" | "chain";

export const CASTS: Readonly<Record<Cast, { what: string; turns_per_line: number }>> = {
  memgpt: { what: "one MemGPT agent, a send_message call each", turns_per_line: 1 },
  plain: { what: "three plain agents, a round each", turns_per_line: 3 },
  table: { what: "the default table: a plain agent, then a MemGPT agent", turns_per_line: 2 },
  chain: { what: "one MemGPT agent, three heartbeats, then send_message", turns_per_line: 4 },
};

/** Tokens. The seed's gpt-4; full after some fifty turns, so evictions are part of the measurement. */
export const WINDOW = 8192;

const MODEL = "gpt-4";
const ANSWER_MS = 30_000;

export class World {
  readonly discord: FakeDiscord;
  readonly #openai: FakeOpenAiServer;
  readonly #guild: FakeGuild;
  readonly #person: FakeMember;
  readonly #cast: Cast;
  /** Model requests answered. */
  turns = 0;
  #channels = 0;

  private constructor(discord: FakeDiscord, openai: FakeOpenAiServer, cast: Cast) {
    this.discord = discord;
    this.#openai = openai;
    this.#cast = cast;
    this.#guild = discord.addGuild({ name: "Bench" });
    this.#person = this.#guild.addMember({ name: "Ada", permissions: ["manage_channels"] });
    openai.handler = (body) => this.#answer(body);
  }

  static async start(cast: Cast): Promise<World> {
    const discord = await FakeDiscord.start({ validate: false, recordRequests: false });
    const openai = await FakeOpenAiServer.start();
    return new World(discord, openai, cast);
  }

  get env(): Record<string, string> {
    return { DISCORD_TOKEN: this.discord.token, COLLOQUY_DISCORD_API: this.discord.apiUrl };
  }

  get config(): Record<string, unknown> {
    const { base_url, origin } = this.#openai;
    const memgpt = {
      type: "memgpt",
      name: "MemGPT_coder",
      system_message: "I am MemGPT_coder, a programmer who remembers the conversation.",
    };
    const plain = ["Product_manager", "Coder", "Reviewer"].map((name) => ({
      type: "assistant",
      name,
      system_message: `You are ${name}. Answer briefly and keep to what is asked.`,
    }));
    return {
      "models.json": {
        config_list: [{ model: MODEL, base_url, api_key: "NULL", context_window: WINDOW }],
        config_list_memgpt: [
          {
            preset: "memgpt_chat",
            model: MODEL,
            context_window: WINDOW,
            model_endpoint_type: "vllm",
            model_endpoint: origin,
          },
        ],
        embedding: "offline",
      },
      "groupchat.json": {
        agents: [
          { type: "user_proxy", name: "User_proxy" },
          ...(this.#cast === "plain"
            ? plain
            : this.#cast === "table"
              ? [plain[0], memgpt]
              : [memgpt]),
        ],
      },
    };
  }

  addChannel(): BenchChannel {
    this.#channels += 1;
    const channel = this.#guild.addTextChannel({ name: `bench-${this.#channels}` });
    const { turns_per_line } = CASTS[this.#cast];
    const posts_per_line = this.#cast === "chain" ? 1 : turns_per_line;
    return new BenchChannel(channel, this.#person, posts_per_line);
  }

  async stop(): Promise<void> {
    await this.discord.stop();
    await this.#openai.close();
  }

  #answer(body: ChatBody): FakeAnswer {
    // The server remembers all it was asked; here only the count matters.
    this.#openai.requests.length = 0;
    this.turns += 1;
    const text = `Answer ${this.turns}: ${WORDS}`;
    const messages = body.messages ?? [];
    const letters = messages.reduce((sum, { content }) => sum + (content?.length ?? 0), 0);
    const prompt_tokens = Math.round(letters / 4);
    const usage = { prompt_tokens, completion_tokens: 80, total_tokens: prompt_tokens + 80 };
    // Plain agents have no tools, and neither has who writes a summary.
    if (!body.tools) return { content: text, usage };
    const chain = this.#cast === "chain" && heartbeatsBehind(messages) < 3;
    const call = chain
      ? {
          name: "core_memory_append",
          args: { name: "human", content: "", request_heartbeat: true },
        }
      : { name: "send_message", args: { message: text } };
    return { content: "I should answer what was asked, and stay brief.", calls: [call], usage };
  }
}

/** A channel as the benchmark uses it: a line goes in, the round's posts come out. */
export class BenchChannel {
  readonly #channel: FakeChannel;
  readonly #person: FakeMember;
  readonly #posts_per_line: number;
  #lines = 0;

  constructor(channel: FakeChannel, person: FakeMember, posts_per_line: number) {
    this.#channel = channel;
    this.#person = person;
    this.#posts_per_line = posts_per_line;
  }

  /** Says a line, mentioning the bot, and waits until every agent at the table has answered. */
  async line(): Promise<void> {
    this.#lines += 1;
    const text = `Question ${this.#lines}: how does the boat sail against the wind, and why not straight?`;
    await this.#channel.say(this.#person, text, { mentionsBot: true });
    for (let i = 0; i < this.#posts_per_line; i += 1) {
      await this.#channel.nextMessage(() => true, ANSWER_MS);
    }
  }
}

const WORDS =
  "the sail works as a wing does, and what pushes the boat sideways is taken up by the keel; so it goes forward, in a zigzag, some forty-five degrees off the wind on either side, and turns when the shore is near.";

/** Heartbeats since a person spoke. */
function heartbeatsBehind(messages: NonNullable<ChatBody["messages"]>): number {
  let count = 0;
  for (const { role, content } of [...messages].reverse()) {
    if (role !== "user") continue;
    if (!content?.includes('"type":"heartbeat"')) break;
    count += 1;
  }
  return count;
}
