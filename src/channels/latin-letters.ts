/**
 * Cyrillic and Greek letters in Latin ones, as passports and maps write them, so that a name can be
 * read by models whose backends take ASCII names only. Other scripts cannot be spelled letter by letter.
 */
const CYRILLIC =
  "а a б b в v г g д d е e ж zh з z и i й y к k л l м m н n о o п p р r с s т t у u ф f х kh ц ts ч ch ш sh щ shch ъ _ ы y ь _ э e ю yu я ya ё e є ye і i ї yi ґ g ў u ј j љ lj њ nj ћ c ђ dj џ dz ѓ g ќ k ѕ dz";
const GREEK =
  "α a β v γ g δ d ε e ζ z η i θ th ι i κ k λ l μ m ν n ξ x ο o π p ρ r σ s ς s τ t υ y φ f χ ch ψ ps ω o";

/** Letters that are none of these stay as they are. */
export function inLatinLetters(text: string): string {
  const table = letters();
  return text
    .normalize("NFC")
    .replace(/\p{Script=Greek}/gu, (letter) => letter.normalize("NFD").replace(/\p{M}/gu, ""))
    .replace(/[\p{Script=Cyrillic}\p{Script=Greek}]/gu, (letter) => {
      const lower = letter.toLowerCase();
      const latin = table.get(lower);
      if (latin === undefined) return letter;
      return letter === lower ? latin : latin.charAt(0).toUpperCase() + latin.slice(1);
    });
}

function letters(): Map<string, string> {
  const words = `${CYRILLIC} ${GREEK}`.split(" ");
  const table = new Map<string, string>();
  for (let i = 0; i + 1 < words.length; i += 2) {
    const latin = words[i + 1] ?? "";
    table.set(words[i] ?? "", latin === "_" ? "" : latin);
  }
  return table;
}
