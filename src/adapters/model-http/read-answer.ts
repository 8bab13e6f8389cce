/**
 * A model server's body, whole or streamed (server-sent events or JSON by lines), as the JSON values
 * in it. What they mean is the reader's.
 */
import { ErrorAnswerError, MalformedAnswerError } from "./answer-errors.ts";
import { readEvents, readLines } from "./event-stream.ts";
import { StreamedResponse } from "./http-fetch.ts";

/** Calls `take` with the body's one value, or with each value of a stream in its order. */
export async function readAnswer(
  response: Response,
  take: (value: unknown) => void,
): Promise<void> {
  if (response instanceof StreamedResponse) {
    if (response.kind === "events") await readEventStream(response.chunks, take);
    else for await (const line of readLines(response.chunks)) takeLine(line, take);
    return;
  }
  const text = await response.text();
  // A stream under a wrong content type.
  if (/^\s*(?:data|event):/.test(text)) await readEventStream([Buffer.from(text)], take);
  else take(parse(text));
}

async function readEventStream(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  take: (value: unknown) => void,
): Promise<void> {
  for await (const { event, data } of readEvents(chunks)) {
    if (data.startsWith("[DONE]")) break;
    if (event === "error") throw new ErrorAnswerError(errorPayload(data));
    takeLine(data, take);
  }
}

function takeLine(line: string, take: (value: unknown) => void): void {
  if (line.trim() !== "") take(parse(line));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const trimmed = text.trimStart();
    if (trimmed === "") throw new MalformedAnswerError("it is empty");
    throw new MalformedAnswerError(
      trimmed.startsWith("<") ? "it is a web page, not JSON" : "it is not valid JSON",
    );
  }
}

function errorPayload(data: string): unknown {
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === "object" && value !== null && "error" in value ? value.error : value;
  } catch {
    return data;
  }
}
