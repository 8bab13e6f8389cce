/**
 * What models say in end-to-end tests, and what they were asked.
 */
import type { FakeAnswer } from "../fakes/openai-answers.ts";
import type { ChatBody } from "../fakes/openai-server.ts";
import type { House } from "./house.ts";

/** MemGPT agents bring their functions with every request; the plain ones of these tests none. */
export function isMemgpt(body: ChatBody): boolean {
  return body.tools !== undefined;
}

/** A MemGPT agent's answer that speaks. */
export function say(message: string, thought = "They want an answer."): FakeAnswer {
  return call("send_message", { message }, thought);
}

/** A MemGPT agent's call of one function. */
export function call(
  name: string,
  args: Record<string, unknown>,
  thought = "I need that.",
): FakeAnswer {
  return { content: thought, calls: [{ name, args }] };
}

/** The chat requests that came with this key, oldest first. */
export function requestsWith(house: House, key: string): readonly ChatBody[] {
  return (house.models?.requests ?? [])
    .filter((request) => request.headers.authorization === `Bearer ${key}`)
    .filter((request) => request.path.endsWith("/chat/completions"))
    .map((request) => request.body);
}

/** All that a request says, calls included, as one text. */
export function textOf(body: ChatBody | undefined): string {
  return (body?.messages ?? [])
    .flatMap(({ content, tool_calls = [] }) => [
      content ?? "",
      ...tool_calls.map((made) => made.function.arguments),
    ])
    .join("\n");
}

/** The last message of a request. */
export function lastOf(body: ChatBody): { role: string; content: string } {
  const last = body.messages?.at(-1);
  return { role: last?.role ?? "", content: last?.content ?? "" };
}

/** Requests that put text before people without forbidding every ping. */
export function pings(house: House): string[] {
  const writes = house.fake.requests.filter(
    ({ method, route }) =>
      (method === "POST" || method === "PATCH") &&
      /\/messages(\/|$)|^\/webhooks\/[^/]+\/[^/]+$|\/callback$/.test(route),
  );
  return writes
    .filter(({ body }) => {
      const data = (body as { data?: unknown } | undefined)?.data ?? body;
      return typeof data === "object" && data !== null && "content" in data;
    })
    .filter(({ body }) => {
      const data = (body as { data?: object }).data ?? body;
      const allowed = (data as { allowed_mentions?: { parse?: unknown[] } }).allowed_mentions;
      return allowed?.parse?.length !== 0;
    })
    .map(({ method, path, body }) => `${method} ${path} ${JSON.stringify(body)}`);
}
