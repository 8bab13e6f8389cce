import { describe, expect, it } from "vitest";
import { estimateTokens } from "../../../src/adapters/tokens/estimate-tokens.ts";
import { createTokenCounter, encodingOf } from "../../../src/adapters/tokens/token-counter.ts";

const exact = createTokenCounter(["gpt-4"]);

describe("OpenAI's models", () => {
  it.each([
    ["", 0],
    ["hello world", 2],
    ["tiktoken is great!", 6],
    ["antidisestablishmentarianism", 6],
    ["2 + 2 = 4", 7],
    ["お誕生日おめでとう", 9],
  ])("are counted exactly: %j", (text, tokens) => {
    expect(exact.count(text)).toBe(tokens);
  });

  it.each([
    ["gpt-4", "cl100k_base"],
    ["gpt-4-32k-0613", "cl100k_base"],
    ["gpt-35-turbo", "cl100k_base"],
    ["ft:gpt-3.5-turbo-1106:my-org::id", "cl100k_base"],
    ["ft:gpt-4o-mini-2024-07-18:my-org:name:id", "o200k_base"],
    ["text-embedding-3-small", "cl100k_base"],
    ["gpt-4o-mini", "o200k_base"],
    ["gpt-4.1", "o200k_base"],
    ["openai/gpt-5.2", "o200k_base"],
    ["o3-mini", "o200k_base"],
    ["openhermes", undefined],
    ["gpt4all", undefined],
    ["NULL", undefined],
  ])("%s has the encoding %s", (model, encoding) => {
    expect(encodingOf(model)).toBe(encoding);
  });

  it("count the marks of control tokens as the text they are", () => {
    expect(exact.count("<|endoftext|>")).toBe(7);
  });

  it("are counted in bounded time however long a word is", () => {
    const started = performance.now();
    expect(exact.count("a".repeat(200_000))).toBeGreaterThanOrEqual(25_000);
    expect(performance.now() - started).toBeLessThan(1000);
  });

  it("are counted the same the second time", () => {
    const text = "The same long text, again and again. ".repeat(20);
    expect(exact.count(text)).toBe(exact.count(text));
  });
});

describe("other models", () => {
  const prose: Record<string, string> = {
    english:
      "The storm had passed before morning, and everyone came down to the harbour to see what was left.",
    german:
      "Die Geschwindigkeitsbegrenzung wird seit Jahrzehnten diskutiert; überraschenderweise ändert sich wenig.",
    french: "Je voudrais réserver une table pour quatre personnes près de la fenêtre.",
    finnish: "Epäjärjestelmällisyydellään hän ei saanut aikaan mitään koko päivän ajan.",
    russian: "Все люди рождаются свободными и равными в своём достоинстве и правах.",
    hebrew: "כל בני האדם נולדו בני חורין ושווים בערכם ובזכויותיהם.",
    hindi: "सभी मनुष्यों को गौरव और अधिकारों के मामले में समानता प्राप्त है।",
    chinese: "人人生而自由，在尊严和权利上一律平等。",
    korean: "모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다.",
    emoji: "👍🏽 great 🎉🎉 👩‍👩‍👧‍👦 ok 🧠",
    json: '{"type":"user_message","message":"Hi","time":"2024-01-02 03:04:05 PM UTC+0000"}',
    code: "for (const [name, value] of Object.entries(message.headers)) {\n  headers[name] = value;\n}",
    table: "| a | b |\n|---|---|\n| 1 | 2 |\n".repeat(5),
    id: "4f6a1c2e-9b1d-4c3e-8f7a-0123456789ab",
    control: "\u0000\u0001\u007f",
  };

  it.each(Object.keys(prose))("are estimated on the safe side: %s", (kind) => {
    const text = prose[kind] ?? "";
    expect(estimateTokens(text)).toBeGreaterThanOrEqual(exact.count(text));
  });

  it("are not estimated so high that half the window is lost on English", () => {
    const text = prose.english ?? "";
    expect(estimateTokens(text)).toBeLessThanOrEqual(1.6 * exact.count(text));
  });

  it("take the larger count where models of several kinds may read the text", () => {
    const text = "2024-01-02 12:30:45 ".repeat(5);
    const mixed = createTokenCounter(["gpt-4", "some-local-model"]).count(text);
    expect(mixed).toBe(Math.max(exact.count(text), estimateTokens(text)));
  });

  it("are counted by estimate where no model is named", () => {
    expect(createTokenCounter([]).count("word")).toBe(estimateTokens("word"));
  });
});
