import type { JsonObject } from "./json.ts";

/** Discord's error codes with the HTTP status and text that come with them. */
const KNOWN: ReadonlyMap<number, readonly [status: number, message: string]> = new Map([
  [0, [404, "404: Not Found"]],
  [10003, [404, "Unknown Channel"]],
  [10004, [404, "Unknown Guild"]],
  [10007, [404, "Unknown Member"]],
  [10008, [404, "Unknown Message"]],
  [10011, [404, "Unknown Role"]],
  [10013, [404, "Unknown User"]],
  [10015, [404, "Unknown Webhook"]],
  [10062, [404, "Unknown interaction"]],
  [10063, [404, "Unknown application command"]],
  [20012, [403, "You are not authorized to perform this action on this application"]],
  [30007, [400, "Maximum number of webhooks reached (15)"]],
  [30046, [400, "Maximum number of edits to messages older than 1 hour reached. Try again later"]],
  [30034, [400, "Maximum number of daily application command creates has been reached (200)"]],
  [40005, [413, "Request entity too large"]],
  [40060, [400, "Interaction has already been acknowledged."]],
  [50001, [403, "Missing Access"]],
  [50005, [403, "Cannot edit a message authored by another user"]],
  [50006, [400, "Cannot send an empty message"]],
  [50007, [403, "Cannot send messages to this user"]],
  [50013, [403, "Missing Permissions"]],
  [50027, [401, "Invalid Webhook Token"]],
  [50035, [400, "Invalid Form Body"]],
  [50083, [400, "Thread is archived"]],
  [50109, [400, "The request body contains invalid JSON."]],
  [160002, [403, "Cannot reply without permission to read message history"]],
  [160004, [400, "A thread has already been created for this message"]],
]);

/** One wrong field: its path in the body, Discord's code for the fault, and the sentence. */
export interface FieldFault {
  path: readonly (string | number)[];
  code: string;
  message: string;
}

/**
 * An answer that refuses the request, as Discord words it. `expected` is set where the test itself
 * brought the refusal about (took a permission, deleted a webhook): then it is no fault of the bot.
 */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  readonly code: number;
  readonly faults: readonly FieldFault[];
  readonly expected: boolean;

  constructor(code: number, options: { faults?: readonly FieldFault[]; expected?: boolean } = {}) {
    const [status, message] = KNOWN.get(code) ?? [400, "Bad Request"];
    super(message);
    this.status = status;
    this.code = code;
    this.faults = options.faults ?? [];
    this.expected = options.expected ?? false;
  }

  /** The JSON body, with the `errors` tree of 50035. */
  body(): JsonObject {
    const body: JsonObject = { message: this.message, code: this.code };
    if (this.faults.length > 0) body.errors = errorTree(this.faults);
    return body;
  }

  /** One line for the list of violations. */
  describe(): string {
    const faults = this.faults.map((f) => `${f.path.join(".") || "body"}: ${f.message}`).join("; ");
    return `${this.code} ${this.message}${faults === "" ? "" : ` (${faults})`}`;
  }
}

function errorTree(faults: readonly FieldFault[]): JsonObject {
  const root: JsonObject = {};
  for (const fault of faults) {
    let node = root;
    for (const step of fault.path) {
      const key = String(step);
      const child = (node[key] ?? {}) as JsonObject;
      node[key] = child;
      node = child;
    }
    const list = (node._errors ?? []) as unknown[];
    list.push({ code: fault.code, message: fault.message });
    node._errors = list;
  }
  return root;
}

export function invalidForm(faults: readonly FieldFault[]): ApiError {
  return new ApiError(50035, { faults });
}
