/** The `ContentHash` port on Node's crypto: what a data source is known by. */
import { createHash } from "node:crypto";
import type { ContentHash } from "../../documents/ports.ts";

export class Sha256Hash implements ContentHash {
  sha256(bytes: Uint8Array | string): string {
    return createHash("sha256").update(bytes).digest("hex");
  }
}
