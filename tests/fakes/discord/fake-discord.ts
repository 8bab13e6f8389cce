import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { FakeCdn } from "./cdn.ts";
import { FakeChannel } from "./fake-channel.ts";
import { FakeGuild, type FakeMember } from "./fake-guild.ts";
import { Faults, type InjectedFault, type Injection } from "./faults.ts";
import { FakeGateway, type Identify } from "./gateway.ts";
import { Interactions } from "./interactions.ts";
import type { JsonObject } from "./json.ts";
import { loadOpenApi } from "./openapi.ts";
import type { UserRecord } from "./records.ts";
import { RestServer } from "./rest-server.ts";
import type { RestRequest } from "./route.ts";
import { commandRoutes } from "./routes-commands.ts";
import { interactionRoutes } from "./routes-interactions.ts";
import { messageRoutes } from "./routes-messages.ts";
import { placeRoutes } from "./routes-places.ts";
import { webhookRoutes } from "./routes-webhooks.ts";
import { type FakeDiscordOptions, type Refusal, World } from "./world.ts";

/**
 * A strict Discord on loopback: REST v10, gateway v10 and the CDN on one port, to be used with the
 * real discord.js (`new Client({ rest: { api: fake.apiUrl } })`). Tests act as the people, read what
 * became visible, provoke faults, and assert at the end that `violations` is empty.
 */
export class FakeDiscord {
  readonly gateway: FakeGateway;
  readonly cdn: FakeCdn;
  readonly #world: World;
  readonly #http: Server;
  readonly #faults = new Faults();
  readonly #interactions: Interactions;
  readonly #rest: RestServer;

  static async start(options: FakeDiscordOptions = {}): Promise<FakeDiscord> {
    const fake = new FakeDiscord(options);
    await new Promise<void>((resolve, reject) => {
      fake.#http.once("error", reject);
      fake.#http.listen(0, "127.0.0.1", resolve);
    });
    fake.#world.origin = `http://127.0.0.1:${(fake.#http.address() as AddressInfo).port}`;
    return fake;
  }

  private constructor(options: FakeDiscordOptions) {
    const world = new World(options);
    this.#world = world;
    this.#http = createServer({ keepAliveTimeout: 60_000 });
    this.gateway = new FakeGateway(world, this.#http);
    this.cdn = new FakeCdn(world, this.#faults);
    this.#interactions = new Interactions(world, () => this.gateway.connected > 0);
    const routes = [
      ...placeRoutes(() => this.gateway.identifies.length),
      ...messageRoutes,
      ...webhookRoutes(this.#interactions),
      ...interactionRoutes(this.#interactions),
      ...commandRoutes,
    ];
    const check = loadOpenApi(options.validate ?? true);
    this.#rest = new RestServer(world, routes, this.#faults, check);
    this.#http.on("request", (request, response) => {
      const path = request.url ?? "/";
      if (this.cdn.owns(path)) {
        this.cdn.handle(request, response);
        return;
      }
      this.#rest.handle(request, response).catch((error: unknown) => {
        // The client gave up in the middle of its request, or the fake has a fault of its own.
        if (!request.complete) return;
        world.violate(`the fake itself: ${error instanceof Error ? error.stack : String(error)}`);
        response.destroy();
      });
    });
  }

  /** For `new Client({ rest: { api } })`. */
  get apiUrl(): string {
    return `${this.#world.origin}/api`;
  }

  /** Attachments are served below this. */
  get cdnUrl(): string {
    return this.#world.origin;
  }

  get token(): string {
    return this.#world.token;
  }

  get applicationId(): string {
    return this.#world.applicationId;
  }

  get botUser(): UserRecord {
    return this.#world.bot;
  }

  /** Every broken rule, with the request that broke it. Tests assert that it is empty. */
  get violations(): string[] {
    return this.#world.violations;
  }

  /** Every 4xx answer, also those that the test itself brought about. */
  get refusals(): readonly Refusal[] {
    return this.#world.refusals;
  }

  get requests(): readonly RestRequest[] {
    return this.#rest.requests;
  }

  /** How many answers count towards Discord's ban for invalid requests: 401, 403 and 429. */
  get invalidRequests(): number {
    return this.requests.filter((r) => [401, 403, 429].includes(r.status)).length;
  }

  get typing(): readonly { channelId: string; at: number }[] {
    return this.#world.typing;
  }

  get identifies(): readonly Identify[] {
    return this.gateway.identifies;
  }

  /** Global commands as the bot last registered them. */
  get registeredCommands(): readonly JsonObject[] {
    return this.#world.commands.get("") ?? [];
  }

  guildCommands(guild: FakeGuild): readonly JsonObject[] {
    return this.#world.commands.get(guild.id) ?? [];
  }

  addGuild(options: { name: string }): FakeGuild {
    return new FakeGuild(this.#world, this.#interactions, options.name);
  }

  /** Any channel, thread or DM by its id; for those that the bot has made. */
  channel(id: string): FakeChannel {
    const record = this.#world.channels.get(id);
    if (record === undefined) throw new Error(`no channel ${id}`);
    return new FakeChannel(this.#world, this.#interactions, record);
  }

  /** The DM between the bot and a person. */
  openDm(member: FakeMember): FakeChannel {
    return new FakeChannel(this.#world, this.#interactions, this.#world.dmWith(member.user));
  }

  /**
   * Resolves when a client is connected, has identified (at least `identifies` times in all, for
   * restarts) and has been sent READY and its guilds.
   */
  async ready(options: { identifies?: number; timeoutMs?: number } = {}): Promise<void> {
    const wanted = options.identifies ?? 1;
    await this.#world.until(
      () => {
        const accepted = this.gateway.identifies.filter((i) => i.refused === undefined).length;
        return this.gateway.connected > 0 && accepted >= wanted ? true : undefined;
      },
      options.timeoutMs ?? 20_000,
      () => `IDENTIFY number ${wanted}; so far ${this.gateway.identifies.length}`,
    );
  }

  /** Resolves when the bot has registered its commands (any, global or for a guild). */
  async commandsRegistered(timeoutMs = 20_000): Promise<void> {
    await this.#world.until(
      () => ([...this.#world.commands.values()].some((c) => c.length > 0) ? true : undefined),
      timeoutMs,
      () => "commands to be registered",
    );
  }

  /** Orders a fault for the next matching requests (REST and CDN alike). */
  inject(injection: Injection): InjectedFault {
    return this.#faults.inject(injection);
  }

  /** Resolves when nothing visible has changed for `quietMs`. */
  quiet(quietMs = 300, timeoutMs = 30_000): Promise<void> {
    return this.#world.settled(quietMs, timeoutMs);
  }

  async stop(): Promise<void> {
    this.#interactions.stop();
    this.#faults.stop();
    this.gateway.stop();
    this.#http.closeAllConnections();
    await new Promise<void>((resolve) => this.#http.close(() => resolve()));
  }
}
