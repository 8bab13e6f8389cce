import { inspect } from "node:util";
import { DiscordAPIError, HTTPError } from "discord.js";
import { describe, expect, it } from "vitest";
import {
  errorFields,
  routeWithoutTokens,
  toDiscordError,
  unavailable,
} from "../../src/discord/discord-error.ts";
import { closeCodeError, loginError } from "../../src/discord/login-errors.ts";
import { explainError } from "../../src/shared/errors.ts";

const TOKEN = "s3cr3t-webhook-token";
const ROUTE = `/webhooks/123456789012345678/${TOKEN}`;

function refusal(code: number, status: number, route = ROUTE) {
  const url = `https://discord.com/api/v10${route}`;
  const body = { json: { content: "what somebody wrote" }, files: [] };
  const error = new DiscordAPIError({ code, message: "no" }, code, status, "POST", url, body);
  return toDiscordError(error, route);
}

describe("toDiscordError", () => {
  it("keeps nothing that is secret: no token, no address, no text that was sent", () => {
    const failures = [
      refusal(50013, 403),
      refusal(0, 401),
      toDiscordError(new HTTPError(500, "x", "POST", ROUTE, { body: { content: TOKEN } }), ROUTE),
      toDiscordError(new Error(`failed for ${ROUTE}`), ROUTE),
      unavailable(ROUTE, 200),
    ];
    for (const failure of failures) {
      expect(inspect(failure, { depth: 9 })).not.toContain(TOKEN);
      expect(inspect(failure, { depth: 9 })).not.toContain("somebody wrote");
      expect(JSON.stringify(errorFields(failure))).not.toContain(TOKEN);
      expect(failure.facts.route).toBe("/webhooks/123456789012345678/:token");
    }
  });

  it("keeps the network's errno, and nothing of the text beside it", () => {
    const refused = Object.assign(new Error(`connect ${ROUTE}`), { code: "ECONNREFUSED" });
    const failed = Object.assign(new TypeError("fetch failed"), { cause: refused });
    for (const error of [refused, failed]) {
      const { cause } = toDiscordError(error, ROUTE);
      expect(cause).toMatchObject({ code: "ECONNREFUSED", message: "no connection" });
      expect(inspect(cause)).not.toContain(TOKEN);
    }
    const odd = Object.assign(new Error("x"), { code: TOKEN });
    expect(toDiscordError(odd, ROUTE).cause).toBeUndefined();
  });

  it("knows what Discord's numbers mean", () => {
    const codes = new Map([
      [50001, "discord_forbidden"],
      [50013, "discord_forbidden"],
      [50007, "discord_forbidden"],
      [10003, "discord_gone"],
      [10008, "discord_gone"],
      [10015, "discord_webhook_gone"],
      [10062, "discord_interaction_gone"],
      [30007, "discord_full"],
      [50083, "discord_closed"],
      [50035, "discord_refused"],
    ]);
    for (const [number, code] of codes) expect(refusal(number, 400).code).toBe(code);
    expect(refusal(0, 404).code).toBe("discord_gone");
    expect(refusal(0, 403).code).toBe("discord_forbidden");
  });

  it("tells a refused bot token from a refused webhook token", () => {
    expect(refusal(0, 401, "/channels/123456789012345678/messages").code).toBe(
      "discord_token_invalid",
    );
    expect(refusal(50027, 401).code).toBe("discord_interaction_gone");
  });

  it("takes every other failure for one after which nobody knows what happened", () => {
    expect(toDiscordError(new TypeError("x"), "/x").ambiguous).toBe(true);
    expect(toDiscordError(new HTTPError(502, "x", "GET", "/x", {}), "/x").ambiguous).toBe(true);
    expect(refusal(50013, 403).ambiguous).toBe(false);
  });

  it("gives people a sentence with what to do next", () => {
    expect(explainError(refusal(50013, 403))).toMatch(/permission.*Manage Webhooks\.$/);
    expect(explainError(refusal(30007, 400))).toMatch(/Delete one/);
  });
});

describe("routeWithoutTokens", () => {
  it("replaces the tokens of webhooks and interactions", () => {
    expect(routeWithoutTokens(`${ROUTE}/messages/@original?wait=true`)).toBe(
      "/webhooks/123456789012345678/:token/messages/@original",
    );
    expect(routeWithoutTokens("/interactions/12/abc/callback")).toBe(
      "/interactions/12/:token/callback",
    );
    expect(routeWithoutTokens("/channels/12/messages")).toBe("/channels/12/messages");
  });
});

describe("why a login failed", () => {
  it("names the token, the intent, or the outage", () => {
    const invalid = Object.assign(new Error("x"), { code: "TokenInvalid" });
    expect(loginError(invalid, undefined).code).toBe("discord_token_invalid");
    expect(loginError(new Error("x"), 4004).code).toBe("discord_token_invalid");
    expect(loginError(new Error("x"), 4014).code).toBe("discord_intent_refused");
    expect(loginError(new Error("x"), undefined).code).toBe("discord_unavailable");
    expect(explainError(closeCodeError(4014))).toContain("message_content: false");
    expect(closeCodeError(4011).code).toBe("discord_refused");
  });
});
