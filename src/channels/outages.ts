/** Which failures of a surface pass by themselves. */
import { ColloquyError, StoreError } from "../shared/errors.ts";

/**
 * Whether a failed post may be made up for later: the surface is out of reach, or being stopped. Its
 * answer is journaled, so the run can be left as it is. The store's own outages are none of these.
 */
export function outageOf(error: unknown): "unavailable" | "stopped" | undefined {
  if (!(error instanceof ColloquyError) || error instanceof StoreError) return undefined;
  if (error.code.endsWith("_unavailable")) return "unavailable";
  return error.code.endsWith("_stopped") ? "stopped" : undefined;
}
