/**
 * Names for models: providers take `[A-Za-z0-9_-]{1,64}`, people take anything. An alias is
 * unique in its channel, stays with the person, and is never an agent's name, so that nobody can
 * speak as an agent by renaming themselves.
 */

const LONGEST = 48;

/** A name in the characters that providers accept, without accents; "" if nothing is left. */
export function sanitiseName(name: string): string {
  return name
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .replace(/[^A-Za-z0-9_-]+/g, "_")
    .replace(/^_+|_+$/g, "")
    .slice(0, LONGEST);
}

/**
 * The person's alias: the one they have here already, else a new one made from the display name.
 * `taken` are the agents' names; comparison ignores case, as models do.
 */
export function aliasFor(
  person: { id: string; display_name: string },
  aliases: Readonly<Record<string, string>>,
  taken: readonly string[],
): string {
  if (Object.hasOwn(aliases, person.id)) return aliases[person.id] ?? "";
  const used = new Set([...Object.values(aliases), ...taken].map((name) => name.toLowerCase()));
  const stem = sanitiseName(person.display_name) || "person";
  let alias = stem;
  for (let n = 2; used.has(alias.toLowerCase()); n += 1) alias = `${stem}_${n}`;
  return alias;
}
