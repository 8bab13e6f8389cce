/**
 * The openai package's errors as the ones that all model adapters share.
 */
import { APIError } from "openai";
import { RefusalError, UnreachableError } from "../model-http/answer-errors.ts";

/** Awaits a request of the SDK's; what it throws is translated. */
export async function translated<T>(request: Promise<T>): Promise<T> {
  try {
    return await request;
  } catch (error) {
    if (!(error instanceof APIError)) throw error;
    if (error.status !== undefined) {
      throw new RefusalError(error.status, error.headers, error.error ?? error.message);
    }
    // The SDK wraps what the fetch it was given throws.
    throw new UnreachableError(error.message, { cause: error.cause ?? error });
  }
}
