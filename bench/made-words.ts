/**
 * Words as languages have them: a few are everywhere, most are rare (Zipf's law). The same in every run.
 */
export type Words = () => string;

const VOCABULARY = 20_000;
const SYLLABLES = "ba ce di fo gu la me ni po ru sa te vi zo na ke li mo tu ra".split(" ");

export function wordsFrom(seed: number): Words {
  let state = seed;
  const random = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  // The inverse of a harmonic sum: word number n comes with a frequency of 1/n.
  return () => wordOf(Math.floor(VOCABULARY ** random()));
}

function wordOf(number: number): string {
  let word = "";
  for (let rest = number + SYLLABLES.length; rest > 0; ) {
    word += SYLLABLES[rest % SYLLABLES.length];
    rest = Math.floor(rest / SYLLABLES.length);
  }
  return word;
}
