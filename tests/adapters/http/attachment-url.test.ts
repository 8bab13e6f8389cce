import { describe, expect, it } from "vitest";
import {
  allowedUrl,
  DISCORD_CDN_HOSTS,
  hasExpired,
} from "../../../src/adapters/http/attachment-url.ts";
import { DocumentError } from "../../../src/documents/ports.ts";

const rules = { hosts: DISCORD_CDN_HOSTS };
const good = "https://cdn.discordapp.com/attachments/123/456/paper.pdf?ex=6531a2b3&is=65&hm=ab";

describe("allowedUrl", () => {
  it.each([good, "https://media.discordapp.net/ephemeral-attachments/1/2/a%20b.md"])(
    "allows %s",
    (url) => {
      expect(allowedUrl(url, rules).href).toBe(url);
    },
  );

  it.each([
    "http://cdn.discordapp.com/attachments/1/2/a.pdf",
    "https://cdn.discordapp.com:8443/attachments/1/2/a.pdf",
    "https://user:pass@cdn.discordapp.com/attachments/1/2/a.pdf",
    "https://cdn.discordapp.com@evil.example/attachments/1/2/a.pdf",
    "https://cdn.discordapp.com.evil.example/attachments/1/2/a.pdf",
    "https://evil.example/attachments/1/2/a.pdf?https://cdn.discordapp.com/",
    "https://cdn.discordapp.com./attachments/1/2/a.pdf",
    "https://127.0.0.1/attachments/1/2/a.pdf",
    "https://[::1]/attachments/1/2/a.pdf",
    "https://cdn.discordapp.com/avatars/1/2.png",
    "https://cdn.discordapp.com/attachments/1/2/../../../avatars/1",
    "https://cdn.discordapp.com/attachments/1/2/..%2f..%2fa",
    "https://cdn.discordapp.com/attachments/a/b/a.pdf",
    "https://cdn.discordapp.com/attachments/1/2/",
    "file:///etc/passwd",
    "data:text/plain,hello",
    "/attachments/1/2/a.pdf",
    "",
  ])("refuses %s", (url) => {
    expect(() => allowedUrl(url, rules)).toThrow(DocumentError);
  });

  it("allows another origin only when it is named", () => {
    const url = "http://127.0.0.1:8080/attachments/1/2/a.pdf";
    const extra_origins = ["http://127.0.0.1:8080"];
    expect(allowedUrl(url, { ...rules, extra_origins }).href).toBe(url);
    expect(() => allowedUrl(url.replace("8080", "8081"), { ...rules, extra_origins })).toThrow(
      DocumentError,
    );
  });
});

describe("hasExpired", () => {
  it("reads the hexadecimal seconds in `ex`", () => {
    const at = 0x6531a2b3 * 1000;
    expect(hasExpired(new URL(good), at - 1)).toBe(false);
    expect(hasExpired(new URL(good), at + 1)).toBe(true);
  });

  it("takes a missing or senseless `ex` for no sign", () => {
    expect(hasExpired(new URL("https://a.example/"), Date.UTC(2100, 0))).toBe(false);
    expect(hasExpired(new URL("https://a.example/?ex=zz"), Date.UTC(2100, 0))).toBe(false);
  });
});
