/**
 * Which places' agents are linked to a data source, read from the places' records; and changes that
 * have to reach all of them. A place that cannot be reached now catches up when it is opened next.
 */
import type { AgentCursor, ChannelState } from "./channel-state.ts";
import type { Place } from "./ports.ts";

export interface SourceLinks {
  /** Ids of sources with the places of the scope in which an agent has them attached. */
  usedIn(scope: string): Promise<ReadonlyMap<string, readonly Place[]>>;
  /** Has the other places that have the source attached look at it anew. Not waited for. */
  refreshElsewhere(place: Place, sourceId: string): void;
}

export function placesBySource(
  states: readonly ChannelState[],
): ReadonlyMap<string, readonly Place[]> {
  const places = new Map<string, Place[]>();
  for (const { agents, place } of states) {
    for (const id of sourceIds(Object.values(agents))) {
      places.set(id, [...(places.get(id) ?? []), place]);
    }
  }
  return places;
}

function sourceIds(cursors: readonly AgentCursor[]): ReadonlySet<string> {
  return new Set(cursors.flatMap(({ snapshot }) => snapshot.sources.map((source) => source.id)));
}
