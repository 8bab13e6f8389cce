/**
 * The chat model that answers when none is configured: deterministic rules, no network, and no
 * pretence of thinking. Offered MemGPT's functions it drives them; without them it quotes. It looks
 * at the request alone and keeps nothing between requests.
 */
import type { ChatCompletion, ChatModel, ChatRequest } from "../../memgpt/ports.ts";
import { ModelError } from "../../shared/errors.ts";
import { nextStep, type Step } from "./memgpt-policy.ts";
import { extractiveSummary, isSummaryRequest, plainReply } from "./plain-reply.ts";
import { readTranscript } from "./transcript.ts";

/** Characters of a streamed piece, more or less. */
const PIECE = 40;

export class OfflineChatModel implements ChatModel {
  readonly model = "offline";
  readonly context_window = 8192;
  readonly offline = true;

  async complete(request: ChatRequest): Promise<ChatCompletion> {
    throwIfStopped(request);
    const step = decide(request);
    for (const piece of piecesOf(request.onText ? step.thought : "")) {
      request.onText?.(piece);
      // The listener may have stopped it.
      throwIfStopped(request);
    }
    const tool_calls = step.call
      ? [
          {
            id: `offline_${request.messages.length}`,
            type: "function" as const,
            function: { name: step.call.name, arguments: JSON.stringify(step.call.args) },
          },
        ]
      : [];
    for (const call of tool_calls) {
      const { name, arguments: written } = call.function;
      for (const piece of piecesOf(request.onToolCall ? written : "")) {
        request.onToolCall?.({ index: 0, name, arguments: piece });
        throwIfStopped(request);
      }
    }
    return {
      content: step.thought,
      tool_calls,
      finish_reason: tool_calls.length > 0 ? "tool_calls" : "stop",
      model: this.model,
    };
  }
}

function decide({ messages, tools = [], tool_choice }: ChatRequest): Step {
  const offered = tool_choice === "none" ? [] : tools;
  const names = new Set(offered.map((tool) => tool.function.name));
  if (names.has("send_message")) return nextStep(readTranscript(messages), names);
  if (isSummaryRequest(messages)) return { thought: extractiveSummary(messages) };
  return { thought: plainReply(messages) };
}

function throwIfStopped({ signal }: ChatRequest): void {
  if (!signal?.aborted) return;
  throw new ModelError("aborted", "The answer was stopped.", { cause: signal.reason });
}

/** Pieces that end at spaces and join to the text. */
function piecesOf(text: string): string[] {
  const pieces: string[] = [];
  let piece = "";
  for (const word of text.split(/(?<=\s)/)) {
    piece += word;
    if (piece.length < PIECE) continue;
    pieces.push(piece);
    piece = "";
  }
  return piece === "" ? pieces : [...pieces, piece];
}
