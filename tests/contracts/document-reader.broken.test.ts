import { afterAll, describe, expect, it } from "vitest";
import { ChildDocumentReader } from "../../src/adapters/reading/child-document-reader.ts";
import { RecognisingDocumentReader } from "../../src/adapters/reading/recognising-document-reader.ts";
import { DocumentError } from "../../src/documents/ports.ts";
import { silentLogger } from "../../src/shared/logger.ts";
import { brokenFile, brokenPdf } from "../fakes/broken-files.ts";
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

describe("files broken in many ways", () => {
  it.each(FILES)(
    "a broken %s is read as far as it can be, or refused in a sentence",
    async (name, bytes) => {
      const { pid } = parser;
      const broken = name === "PDF" ? brokenPdf : brokenFile;
      const outcomes = new Set<string>();
      for (let seed = 1; seed <= 90; seed += 1) {
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
