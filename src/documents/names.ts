/**
 * Names of data sources: what a stranger called a file, made safe to show, and unique in its scope.
 * A name is display text; files, rows and owners are never addressed by it.
 */

const LONGEST_NAME = 100;

/**
 * The last path part of an untrusted file name, without control, direction and other invisible
 * characters, brackets (they fence a quote's provenance) or surplus spaces, 1 to 100 characters.
 */
export function sourceName(untrusted: string): string {
  const base =
    untrusted
      .slice(-4 * LONGEST_NAME)
      .split(/[/\\]/)
      .at(-1) ?? "";
  const clean = base
    .replace(/[\p{Cc}\p{Cf}\p{Surrogate}\p{Co}\p{Cn}[\]]/gu, " ")
    .replace(/\s+/g, " ")
    .trim();
  return /^\.*$/.test(clean) ? "document" : shortened(clean, LONGEST_NAME);
}

/** `name`, or "name (2).ext" with the first number that no taken name has. Case is ignored. */
export function uniqueName(name: string, taken: readonly string[]): string {
  const used = new Set(taken.map((one) => one.toLowerCase()));
  if (!used.has(name.toLowerCase())) return name;
  for (let i = 2; ; i += 1) {
    // Ends: among taken.length + 1 different candidates, one is free.
    const suffix = ` (${i})`;
    const { stem, extension } = parts(shortened(name, LONGEST_NAME - suffix.length));
    const candidate = `${stem}${suffix}${extension}`;
    if (!used.has(candidate.toLowerCase())) return candidate;
  }
}

/** The text's first line that says something, at most 120 characters: a description for lists. */
export function firstLine(text: string): string {
  const line = text.split("\n").find((one) => /\p{L}{2}/u.test(one)) ?? "";
  const clean = line
    .replace(/^[#>*\s-]+/, "")
    .replace(/\s+/g, " ")
    .trim();
  return clean.length > 120 ? `${cut(clean, 119)}…` : clean;
}

/** Shortens the stem, so that the extension stays readable. */
function shortened(name: string, limit: number): string {
  if (name.length <= limit) return name;
  const { stem, extension } = parts(name);
  return `${cut(stem, limit - extension.length - 1)}…${extension}`;
}

function parts(name: string): { stem: string; extension: string } {
  const extension = /\.[A-Za-z0-9]{1,8}$/.exec(name)?.[0] ?? "";
  return { stem: name.slice(0, name.length - extension.length), extension };
}

/** The first `length` code units, one fewer where that would split a surrogate pair. */
function cut(text: string, length: number): string {
  const last = text.charCodeAt(length - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? length - 1 : length);
}
