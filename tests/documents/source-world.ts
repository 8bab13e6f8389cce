import type { DataSourcesParts, IngestRequest } from "../../src/documents/data-sources.ts";
import { DataSources } from "../../src/documents/data-sources.ts";
import { FakeClock } from "../fakes/fake-clock.ts";
import { FormFeedReader, fnvHash } from "../fakes/form-feed-reader.ts";
import { MemoryPassageStore, MemoryStateStore } from "../fakes/memory-stores.ts";
import { LetterEmbedder, quarterTokens, RecordingLogger } from "../fakes/small-fakes.ts";

export const scope = "guild-1";

/** The stores that outlive a process, and what services are built of. */
export function newWorld() {
  return {
    store: new MemoryStateStore(),
    passages: new MemoryPassageStore(),
    reader: new FormFeedReader(),
    embedder: new LetterEmbedder(),
    logger: new RecordingLogger(),
  };
}

export type World = ReturnType<typeof newWorld>;

/** A service as a fresh process would build it over the same stores. */
export function serviceOf(world: World, parts: Partial<DataSourcesParts> = {}): DataSources {
  return new DataSources({
    ...world,
    ...{ tokens: quarterTokens, hash: fnvHash, clock: new FakeClock() },
    ...parts,
  });
}

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Pages of some five passages each. */
export function book(pages: number, word = "memory"): Uint8Array {
  const page = (i: number): string =>
    Array.from({ length: 100 }, (_, n) => `On page ${i} sentence ${n} is of ${word}.`).join(" ");
  return bytesOf(Array.from({ length: pages }, (_, i) => page(i + 1)).join("\f"));
}

export function request(name: string, bytes: Uint8Array, place = "channel-1"): IngestRequest {
  return { scope, place, file: { name, bytes } };
}

/** The owner of `book`'s passages. */
export function ownerOf(bytes: Uint8Array): string {
  return `source/${scope}/${fnvHash.sha256(bytes)}/letters`;
}

/** Everything that is stored, to see that nothing was left behind. */
export async function leftovers(
  world: World,
  owner: string,
): Promise<{ rows: string[]; passages: number }> {
  return { rows: [...world.store.rows.keys()], passages: await world.passages.count(owner) };
}
