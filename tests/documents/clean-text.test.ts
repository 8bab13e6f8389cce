import { describe, expect, it } from "vitest";
import { cleanText, joinHyphenated } from "../../src/documents/clean-text.ts";

describe("cleanText", () => {
  it("drops NULs, control characters, lone surrogates and invisible marks", () => {
    expect(cleanText("a\u0000b\u0007c\uD800d\uDC00e\u00ADf\uFEFFg\u200Bh")).toBe("abcdefgh");
  });

  it("keeps characters beyond the basic plane", () => {
    expect(cleanText("a 😀 b 𝒳")).toBe("a 😀 b 𝒳");
  });

  it("evens out spaces and keeps at most one blank line", () => {
    expect(cleanText("  a\t\u00A0 b \r\n\r\n \r\n\r\nc\fd  ")).toBe("a b\n\nc\nd");
  });

  it("changes nothing when it is applied twice", () => {
    const once = cleanText(" x \u0000\n\n\n y-\nz\u2028w ");
    expect(cleanText(once)).toBe(once);
  });
});

describe("joinHyphenated", () => {
  it("joins a word that a line end cut in two", () => {
    expect(joinHyphenated("con-\ntext window")).toBe("context window");
  });

  it("keeps the hyphen of a compound that the page writes elsewhere", () => {
    expect(joinHyphenated("A long-term plan is a Long-\nterm plan.")).toBe(
      "A long-term plan is a Long-term plan.",
    );
  });

  it("keeps the hyphen behind a compound's linking words", () => {
    expect(joinHyphenated("state-of-the-\nart and llm-as-a-\njudge")).toBe(
      "state-of-the-art and llm-as-a-judge",
    );
    expect(joinHyphenated("self-atten-\ntion")).toBe("self-attention");
  });

  it("joins before a capital what the page writes in one elsewhere", () => {
    expect(joinHyphenated("Trace-\nMonkey is TraceMonkey.")).toBe("TraceMonkey is TraceMonkey.");
  });

  it("leaves numbers, names and list marks at line ends alone", () => {
    const text = "pages 3-\n4, Smith-\nJones,\n-\nitem";
    expect(joinHyphenated(text)).toBe(text);
  });

  it("takes linear time on a megabyte without a space", () => {
    const started = performance.now();
    joinHyphenated(`${"a".repeat(1_000_000)}-\nb`);
    cleanText("\n ".repeat(500_000));
    expect(performance.now() - started).toBeLessThan(1500);
  });
});
