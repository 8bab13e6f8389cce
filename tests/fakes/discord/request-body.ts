import type { IncomingMessage } from "node:http";
import { ApiError } from "./api-error.ts";
import type { UploadedFile } from "./route.ts";

export interface RequestBody {
  body: unknown;
  files: UploadedFile[];
  multipart: boolean;
}

/** Reads a request's body: JSON, or multipart with `payload_json` and `files[n]`. */
export async function readBody(request: IncomingMessage, limit: number): Promise<RequestBody> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = chunk as Buffer;
    size += bytes.length;
    if (size <= limit) chunks.push(bytes);
  }
  if (size > limit) throw new ApiError(40005);
  if (size === 0) return { body: undefined, files: [], multipart: false };
  const raw = Buffer.concat(chunks);
  const type = request.headers["content-type"] ?? "";
  if (!type.startsWith("multipart/form-data")) {
    return { body: parseJson(raw.toString("utf8")), files: [], multipart: false };
  }
  const form = await new Response(raw, { headers: { "content-type": type } }).formData();
  const files: UploadedFile[] = [];
  let body: unknown;
  for (const [key, value] of form) {
    if (key === "payload_json") {
      body = parseJson(typeof value === "string" ? value : await value.text());
      continue;
    }
    const index = /^files\[(\d+)\]$/.exec(key)?.[1];
    if (index === undefined || typeof value === "string") throw new ApiError(50035);
    files.push({
      index: Number(index),
      name: value.name,
      bytes: new Uint8Array(await value.arrayBuffer()),
      contentType: value.type === "" ? "application/octet-stream" : value.type,
    });
  }
  return { body, files, multipart: true };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ApiError(50109);
  }
}
