import type { IncomingMessage, ServerResponse } from "node:http";
import type { Faults } from "./faults.ts";
import { signature } from "./message-payloads.ts";
import type { World } from "./world.ts";

/**
 * Serves attachments under the paths that Discord's CDN has. An address is good until its `ex`, or
 * until the test expires all; then the answer is 404 with Discord's sentence.
 */
export class FakeCdn {
  /** Every download that was tried. */
  readonly downloads: { path: string; status: number }[] = [];
  readonly #world: World;
  readonly #faults: Faults;

  constructor(world: World, faults: Faults) {
    this.#world = world;
    this.#faults = faults;
  }

  /** Makes every address given out so far stop working; fetching the message gives a fresh one. */
  expireAll(): void {
    this.#world.cdnGeneration += 1;
  }

  owns(path: string): boolean {
    return path.startsWith("/attachments/") || path.startsWith("/ephemeral-attachments/");
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? "/", this.#world.origin);
    const record = { path: url.pathname, status: 200 };
    this.downloads.push(record);
    const fault = this.#faults.take({
      method: request.method ?? "GET",
      path: url.pathname,
      route: "",
    });
    if (fault !== undefined) {
      record.status = fault.strike(response);
      return;
    }
    const [, , channelId, id] = url.pathname.split("/");
    const file = this.#world.attachments.get(id ?? "");
    const query = `ex=${url.searchParams.get("ex")}&is=${url.searchParams.get("is")}`;
    const until = Number.parseInt(url.searchParams.get("ex") ?? "0", 16) * 1000;
    const signed = url.searchParams.get("hm") === signature(this.#world, url.pathname, query);
    if (
      file === undefined ||
      file.channelId !== channelId ||
      !signed ||
      until < this.#world.now()
    ) {
      record.status = 404;
      response.writeHead(404, { "content-type": "text/plain" });
      response.end("This content is no longer available.");
      return;
    }
    response.writeHead(200, {
      "content-type": file.contentType,
      "content-length": file.bytes.length,
    });
    response.end(request.method === "HEAD" ? undefined : file.bytes);
  }
}
