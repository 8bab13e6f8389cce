/**
 * What can be wrong with one attempt at a model server, as errors that the adapters throw and
 * `model-errors.ts` puts into words. None of them is shown to people as it is.
 */

/** What arrived is not a completion. `detail` says why, in words free of the answer's text. */
export class MalformedAnswerError extends Error {
  override readonly name = "MalformedAnswerError";
}

/** The server sent an error object where an answer was due; `payload` is that object or text. */
export class ErrorAnswerError extends Error {
  override readonly name = "ErrorAnswerError";
  readonly payload: unknown;

  constructor(payload: unknown) {
    super("the server answered with an error");
    this.payload = payload;
  }
}

/** A status that is no success. `payload` is the body's error object, or its text. */
export class RefusalError extends Error {
  override readonly name = "RefusalError";
  readonly status: number;
  readonly headers: Headers | undefined;
  readonly payload: unknown;

  constructor(status: number, headers: Headers | undefined, payload: unknown) {
    super(`the server answered with status ${status}`);
    this.status = status;
    this.headers = headers;
    this.payload = payload;
  }
}

/** No answer began: `cause` is the transport's error. */
export class UnreachableError extends Error {
  override readonly name = "UnreachableError";
}
