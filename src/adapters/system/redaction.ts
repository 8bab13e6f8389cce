/**
 * Takes secrets out of text before it is written anywhere: those that the configuration names, and
 * whatever has the shape of a Discord token, a webhook's URL, an API key or a bearer token. Errors
 * of webhooks and model SDKs carry such strings in their own fields.
 */

export type Redact = (text: string) => string;

export const REDACTED = "[redacted]";

/** Shorter configured values would black out ordinary words. */
const SHORTEST_SECRET = 6;

/** Each replaces its last group only, so that what kind of thing stood there stays readable. */
const SHAPES: readonly RegExp[] = [
  // Bot token: user id, timestamp and HMAC, each base64url.
  /()\b[MNO][A-Za-z\d_-]{22,27}\.[A-Za-z\d_-]{5,7}\.[A-Za-z\d_-]{25,}/g,
  // Webhook and interaction tokens, in full URLs and in bare API paths.
  /((?:webhooks|interactions)\/\d{1,20}\/)[A-Za-z\d._%-]{20,}/gi,
  /()\b(?:sk|pk|rk)-[A-Za-z\d_-]{8,}/g,
  /((?:Bearer|Basic|Bot)\s+)[A-Za-z\d._~+/=-]{8,}/gi,
  // Passwords in connection URIs.
  /(\b[a-z][a-z\d+.-]{1,20}:\/\/[^\s:/@]{0,64}:)[^\s@/]{1,256}(?=@)/gi,
  /((?:api[-_]?key|token|secret|password|authorization)\\?["']?\s*[:=]\s*\\?["']?)[^\s"',;)}\]]{6,}/gi,
];

/** `secrets` are the configured values; empty and very short ones are passed over. */
export function createRedactor(secrets: readonly string[]): Redact {
  const known = [...new Set(secrets.flatMap(spellings))]
    .filter((secret) => secret.length >= SHORTEST_SECRET)
    // The longest first, so that a secret inside another does not leave the rest of it standing.
    .sort((a, b) => b.length - a.length);
  return (text) => {
    let clean = text;
    for (const secret of known) {
      if (clean.includes(secret)) clean = clean.replaceAll(secret, REDACTED);
    }
    for (const shape of SHAPES) clean = clean.replace(shape, `$1${REDACTED}`);
    return clean;
  };
}

/** A secret as it stands, and as it looks inside JSON and URLs. */
function spellings(secret: string): string[] {
  const whole = secret.replace(/\p{Surrogate}/gu, "");
  return [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(whole)];
}
