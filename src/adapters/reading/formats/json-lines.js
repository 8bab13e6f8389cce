// @ts-check
/**
 * JSON to lines that each say where they stand: `users[3].name: Ada`. Takes one value, or one value
 * a line (JSON Lines). Walks without recursion, so that depth costs nothing.
 */

/** Characters of a path that are shown; the beginning of a deeper one is left out. */
const LONGEST_PATH = 160;

/**
 * Undefined when the text is not JSON after all.
 *
 * @param {string} text
 * @returns {string | undefined}
 */
export function jsonLines(text) {
  const whole = parsed(text);
  if (whole) return linesOf("", whole.value).join("\n");
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  /** @type {string[]} */
  const found = [];
  for (const [i, line] of lines.entries()) {
    const one = parsed(line);
    if (!one) return undefined;
    for (const each of linesOf(`[${i}]`, one.value)) found.push(each);
  }
  return found.join("\n");
}

/**
 * @param {string} text
 * @returns {{ value: unknown } | undefined}
 */
function parsed(text) {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

/**
 * @param {string} path
 * @param {unknown} value
 * @returns {string[]}
 */
function linesOf(path, value) {
  const lines = [];
  /** @type {[string, unknown][]} */
  const waiting = [[path, value]];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const [at, one] = next;
    if (one === null || typeof one !== "object") {
      const shown = String(one).replace(/\s+/g, " ").trim();
      if (shown !== "") lines.push(at === "" ? shown : `${at}: ${shown}`);
      continue;
    }
    const inside = Array.isArray(one)
      ? one.map((each, i) => /** @type {[string, unknown]} */ ([shortened(`${at}[${i}]`), each]))
      : Object.entries(one).map(
          ([key, each]) =>
            /** @type {[string, unknown]} */ ([shortened(at === "" ? key : `${at}.${key}`), each]),
        );
    for (const each of inside.reverse()) waiting.push(each);
  }
  return lines;
}

/** @param {string} path */
function shortened(path) {
  const clean = path.replace(/\s+/g, " ");
  return clean.length <= LONGEST_PATH ? clean : `…${clean.slice(1 - LONGEST_PATH)}`;
}
