/**
 * Server-sent events and lines: bytes to the data of each event. Knows nothing of what it means.
 */

export interface ServerEvent {
  /** The `event:` field; "message" where the server gave none. */
  event: string;
  data: string;
}

/** A line of this many characters is no event any more. */
const MAX_LINE = 4 * 1024 * 1024;

/** The stream's lines without their ends. A last line that is not ended is given all the same. */
export async function* readLines(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of chunks) {
    const text = rest + decoder.decode(chunk, { stream: true });
    let start = 0;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", start)) {
      yield text.slice(start, text.charAt(end - 1) === "\r" ? end - 1 : end);
      start = end + 1;
    }
    rest = text.slice(start);
    if (rest.length > MAX_LINE) throw new Error("a line of the stream is too long");
  }
  rest += decoder.decode();
  if (rest !== "") yield rest.replace(/\r$/, "");
}

/** The stream's events in order. An event that the end of the stream cuts short is given all the same. */
export async function* readEvents(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<ServerEvent> {
  let event = "message";
  let data: string[] = [];
  const flush = (): ServerEvent | undefined => {
    const done = data.length > 0 ? { event, data: data.join("\n") } : undefined;
    event = "message";
    data = [];
    return done;
  };
  for await (const line of readLines(chunks)) {
    if (line === "") {
      const done = flush();
      if (done) yield done;
      continue;
    }
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value =
      colon < 0 ? "" : line.slice(line.charAt(colon + 1) === " " ? colon + 2 : colon + 1);
    if (field === "data") data.push(value);
    else if (field === "event") event = value;
  }
  const last = flush();
  if (last) yield last;
}
