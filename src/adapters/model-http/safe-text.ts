/**
 * Texts that may be shown and logged: addresses without passwords, server messages without keys.
 */

/** Scheme, host and path of an entry: never its query, user or password. */
export function placeOf(entry: { base_url: string }): string {
  try {
    const url = new URL(entry.base_url);
    return `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
  } catch {
    return "an invalid address";
  }
}

/** `text` without keys: the entry's own, and whatever looks like one. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  let safe = text;
  for (const secret of secrets) {
    if (secret.length >= 6) safe = safe.replaceAll(secret, "[key]");
  }
  return safe
    .replace(/\b(?:sk|pk|key|org)-[\w*.-]{6,}/gi, "[key]")
    .replace(/\bbearer\s+\S+/gi, "Bearer [key]")
    .replace(/([?&](?:api[-_]?key|key|token|sig(?:nature)?|code)=)[^&\s"']+/gi, "$1[key]");
}
