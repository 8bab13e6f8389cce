import { afterAll, describe, expect, it } from "vitest";
import { ChildDocumentReader } from "../../src/adapters/reading/child-document-reader.ts";
import { RecognisingDocumentReader } from "../../src/adapters/reading/recognising-document-reader.ts";
import { DocumentError } from "../../src/documents/ports.ts";
import { silentLogger } from "../../src/shared/logger.ts";
import { makeDocx, makeEpub } from "../fakes/make-archives.ts";
import { makePdf } from "../fakes/make-pdf.ts";

const parser = new ChildDocumentReader({ logger: silentLogger });
const reader = new RecognisingDocumentReader({ parser });

afterAll(() => parser.close());

const text = (content: string): Uint8Array => new TextEncoder().encode(content);
const FILES: readonly (readonly [string, Uint8Array])[] = [
  ["PDF", makePdf([["One."], ["Two."], ["Three."]])],
  ["Word document", makeDocx([{ heading: 1, text: "One" }, "Two.", "Three."])],
  ["book", makeEpub(["<h1>One</h1>", "<p>Two</p>", "<table><tr><td>3</td></tr></table>"])],
  ["web page", text(`<!doctype html><h1>One</h1><ul><li>Two</ul><pre>3</pre>${"<b>".repeat(50)}`)],
  ["table", text('a,b\n1,"2\n3"\n4,5\n6,7\n')],
  ["JSON", text('{"a":[1,{"b":"c"}],"d":null}')],
];

/** The same numbers in every run. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return state % below;
  };
}

/** Cut short, with bytes changed, or with a stretch left out. */
function broken(bytes: Uint8Array, seed: number): Uint8Array {
  const next = numbers(seed);
  if (seed % 3 === 0) return bytes.slice(0, next(bytes.length));
  if (seed % 3 === 1) {
    const copy = bytes.slice();
    for (let i = 0; i < 8; i += 1) copy[next(copy.length)] = next(256);
    return copy;
  }
  const from = next(bytes.length);
  const to = Math.min(bytes.length, from + next(200));
  return new Uint8Array(Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]));
}

describe("files broken in many ways", () => {
  it.each(FILES)(
    "a broken %s is read as far as it can be, or refused in a sentence",
    async (_name, bytes) => {
      const { pid } = parser;
      const outcomes = new Set<string>();
      for (let seed = 1; seed <= 45; seed += 1) {
        const outcome = await reader.read({ name: "file", bytes: broken(bytes, seed) }).then(
          (document) => `read ${document.kind}`,
          (error: unknown) => {
            expect(error).toBeInstanceOf(DocumentError);
            return (error as DocumentError).code;
          },
        );
        outcomes.add(outcome);
      }
      expect(outcomes.size).toBeGreaterThan(1);
      // No broken file took the process along.
      if (pid !== undefined) expect(parser.pid).toBe(pid);
    },
  );
});
