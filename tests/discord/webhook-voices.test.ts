import { describe, expect, it } from "vitest";
import type { ApiWebhook } from "../../src/discord/discord-api.ts";
import { DiscordError, type DiscordErrorCode } from "../../src/discord/discord-error.ts";
import { offerComponents, offerId, parseOfferId } from "../../src/discord/offer-button.ts";
import { WebhookVoices } from "../../src/discord/webhook-voices.ts";
import { silentLogger } from "../../src/shared/logger.ts";
import { FakeClock } from "../fakes/fake-clock.ts";

function make(options: { there?: ApiWebhook[]; fails?: DiscordErrorCode; may?: boolean } = {}) {
  const clock = new FakeClock();
  const calls: string[] = [];
  const there = options.there ?? [];
  let made = 0;
  const state = { fails: options.fails };
  const fail = (): void => {
    if (state.fails) throw new DiscordError(state.fails, "No.");
  };
  const voices = new WebhookVoices({
    api: {
      webhooks: async () => {
        calls.push("list");
        fail();
        return there;
      },
      createWebhook: async (_, name) => {
        calls.push(`create ${name}`);
        fail();
        made += 1;
        return { id: `w${made}`, token: `t${made}`, application_id: "app" };
      },
    },
    applicationId: () => "app",
    mayManageWebhooks: () => options.may,
    clock,
    logger: silentLogger,
  });
  return { calls, clock, state, voices };
}

describe("WebhookVoices", () => {
  it("makes one webhook however many ask at the same time", async () => {
    const { calls, voices } = make();
    const [one, two] = await Promise.all([voices.outlet("c"), voices.outlet("c")]);
    expect(one).toEqual({ webhook: { id: "w1", token: "t1" } });
    expect(two).toEqual(one);
    expect(await voices.outlet("c")).toEqual(one);
    expect(calls).toEqual(["list", "create Colloquy"]);
  });

  it("finds its own again by the application, not by the name", async () => {
    const { calls, voices } = make({
      there: [
        { id: "x", token: "tx", application_id: "other" },
        { id: "y", application_id: "app" },
        { id: "z", token: "tz", application_id: "app" },
      ],
    });
    expect(await voices.outlet("c")).toEqual({ webhook: { id: "z", token: "tz" } });
    expect(calls).toEqual(["list"]);
  });

  it("asks nothing of Discord where it knows that it may not", async () => {
    const { calls, voices } = make({ may: false });
    expect(await voices.outlet("c")).toEqual({
      reason: expect.stringContaining("Manage Webhooks"),
    });
    expect(await voices.existing("c")).toBeUndefined();
    expect(calls).toEqual([]);
  });

  it("remembers a refusal for ten minutes, then asks again", async () => {
    const { calls, clock, state, voices } = make({ fails: "discord_full" });
    expect(await voices.outlet("c")).toHaveProperty("reason");
    await voices.outlet("c");
    expect(calls).toEqual(["list"]);
    state.fails = undefined;
    await clock.advance(10 * 60_000);
    expect(await voices.outlet("c")).toHaveProperty("webhook");
  });

  it("does not remember an outage", async () => {
    const { state, voices } = make({ fails: "discord_unavailable" });
    await expect(voices.outlet("c")).rejects.toMatchObject({ code: "discord_unavailable" });
    state.fails = undefined;
    expect(await voices.outlet("c")).toHaveProperty("webhook");
  });

  it("looks once for an existing webhook without making one", async () => {
    const { calls, voices } = make();
    expect(await voices.existing("c")).toBeUndefined();
    expect(await voices.existing("c")).toBeUndefined();
    expect(calls).toEqual(["list"]);
    await voices.outlet("c");
    expect(await voices.existing("c")).toEqual({ id: "w1", token: "t1" });
  });
});

describe("the offer's button", () => {
  const key = { message: "100000000000000001", file: "100000000000000002" };

  it("says in its id which upload it is about", () => {
    expect(parseOfferId(offerId(key))).toEqual(key);
    expect(offerId(key).length).toBeLessThanOrEqual(100);
    expect(offerComponents(key)).toMatchObject([
      { type: 1, components: [{ type: 2, label: "Attach to memory", disabled: false }] },
    ]);
    expect(offerComponents(key, true)).toMatchObject([{ components: [{ disabled: true }] }]);
  });

  it("does not read ids of other makes", () => {
    for (const id of ["", "attach", "attach:1:2", `other:${key.message}:${key.file}`]) {
      expect(parseOfferId(id)).toBeUndefined();
    }
    expect(parseOfferId(`${offerId(key)}:more`)).toBeUndefined();
  });
});
