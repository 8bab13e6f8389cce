/**
 * A server that gave no answer at all, in words: what the transport's code means, and what people
 * can do about it.
 */
import { isNearby, namesOf } from "./entry-names.ts";
import type { EmbeddingEntry, ModelEntry } from "./model-entry.ts";
import { placeOf } from "./safe-text.ts";

type Entry = ModelEntry | EmbeddingEntry;

/** The errno of the error or of what caused it. */
export function nodeCode(error: unknown): string | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    const { code } = at as { code?: unknown };
    if (typeof code === "string" && /^[A-Z][A-Z_0-9]+$/.test(code)) return code;
  }
  return undefined;
}

/** A sentence without keys. */
export function whyUnreachable(error: unknown, entry: Entry): string {
  const code = nodeCode(error) ?? "";
  const place = placeOf(entry);
  if (code === "ECONNREFUSED") return `Nothing listens at ${place} (connection refused).`;
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return `The host of ${place} is not known.`;
  if (code === "ECONNRESET" || code === "EPIPE") return `${place} closed the connection.`;
  if (code.includes("CERT") || code.includes("SELF_SIGNED") || code.startsWith("ERR_TLS")) {
    return `The certificate of ${place} is not trusted (${code}).`;
  }
  return code === "" ? "The connection was cut." : `The connection failed (${code}).`;
}

/** What to do about a server that cannot be reached. */
export function whatToReach(error: unknown, entry: Entry): string {
  const { address } = namesOf(entry);
  const code = nodeCode(error) ?? "";
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") {
    return `Check the network, or the address (${address}).`;
  }
  return isNearby(entry)
    ? `Start the server, or correct ${address}.`
    : `Try again later; check the network, or the address (${address}).`;
}
