/**
 * Files broken on purpose, the same for the same seed: cut short, bytes changed or left out, and for
 * PDFs what only they can have: objects in each other's place, swapped lengths, noise in streams.
 */

type Numbers = (below: number) => number;
type Damage = (bytes: Uint8Array, next: Numbers) => Uint8Array;

/** Kinds of damage to any file; a seed takes one, in turn. */
const ANY_FILE: readonly Damage[] = [shortened, bytesChanged, stretchLeftOut];

const PDF: readonly Damage[] = [
  ...ANY_FILE,
  bitsFlipped,
  noiseInStream,
  objectsSpliced,
  lengthsSwapped,
  numbersChanged,
  namesChanged,
];

/** Cut short, with bytes changed, or with a stretch left out. */
export function brokenFile(bytes: Uint8Array, seed: number): Uint8Array {
  return damaged(ANY_FILE, bytes, seed);
}

/** `brokenFile`, and in the ways of PDFs besides. */
export function brokenPdf(bytes: Uint8Array, seed: number): Uint8Array {
  return damaged(PDF, bytes, seed);
}

function damaged(kinds: readonly Damage[], bytes: Uint8Array, seed: number): Uint8Array {
  const damage = kinds[seed % kinds.length] ?? shortened;
  return damage(bytes, numbers(seed));
}

/** The same numbers in every run. */
function numbers(seed: number): Numbers {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return state % Math.max(1, below);
  };
}

function shortened(bytes: Uint8Array, next: Numbers): Uint8Array {
  return bytes.slice(0, next(bytes.length));
}

function bytesChanged(bytes: Uint8Array, next: Numbers): Uint8Array {
  const copy = bytes.slice();
  for (let i = 0; i < 8; i += 1) copy[next(copy.length)] = next(256);
  return copy;
}

function stretchLeftOut(bytes: Uint8Array, next: Numbers): Uint8Array {
  const from = next(bytes.length);
  const to = Math.min(bytes.length, from + next(200));
  return join(bytes.subarray(0, from), bytes.subarray(to));
}

/** One bit in every two kilobytes. */
function bitsFlipped(bytes: Uint8Array, next: Numbers): Uint8Array {
  const copy = bytes.slice();
  for (let i = 0; i < 1 + copy.length / 2048; i += 1) {
    const at = next(copy.length);
    copy[at] = (copy[at] ?? 0) ^ (1 << next(8));
  }
  return copy;
}

function noiseInStream(bytes: Uint8Array, next: Numbers): Uint8Array {
  const copy = bytes.slice();
  const streams = spans(bytes, /\bstream\r?\n[\s\S]*?endstream/g);
  const [from, to] = streams[next(streams.length)] ?? [0, copy.length];
  for (let i = 0; i < 64; i += 1) copy[from + next(to - from)] = next(256);
  return copy;
}

/** One object's text in the place of another's, so that references lead astray, or in circles. */
function objectsSpliced(bytes: Uint8Array, next: Numbers): Uint8Array {
  const objects = spans(bytes, /(?<=\bobj\b)[\s\S]*?(?=\bendobj\b)/g);
  const [from, to] = objects[next(objects.length)] ?? [0, 0];
  const other = objects[next(objects.length)] ?? [0, 0];
  return join(bytes.subarray(0, from), bytes.subarray(...other), bytes.subarray(to));
}

function lengthsSwapped(bytes: Uint8Array, next: Numbers): Uint8Array {
  const lengths = spans(bytes, /(?<=\/(?:Length|Count|Size|First|N)\s)\d+/g);
  const one = next(lengths.length);
  const [from, to] = lengths[one] ?? [0, 0];
  const other = lengths[(one + 1 + next(lengths.length)) % Math.max(1, lengths.length)] ?? [0, 0];
  return join(bytes.subarray(0, from), bytes.subarray(...other), bytes.subarray(to));
}

/** Numbers outside all reason, where small ones stood. */
function numbersChanged(bytes: Uint8Array, next: Numbers): Uint8Array {
  const found = spans(bytes, /(?<=[\s[])\d{1,4}(?=[\s\]/>])/g);
  const [from, to] = found[next(found.length)] ?? [0, 0];
  const odd = ["-1", "0", "99999999999", "1e308", "2147483648"][next(5)] ?? "0";
  return join(bytes.subarray(0, from), latin1(odd), bytes.subarray(to));
}

/** A key under another's name. */
function namesChanged(bytes: Uint8Array, next: Numbers): Uint8Array {
  const names = spans(bytes, /\/[A-Z][A-Za-z]{2,12}\b/g);
  const [from, to] = names[next(names.length)] ?? [0, 0];
  const other = names[next(names.length)] ?? [0, 0];
  return join(bytes.subarray(0, from), bytes.subarray(...other), bytes.subarray(to));
}

/** Where in the bytes, read as Latin-1, the pattern matches. */
function spans(bytes: Uint8Array, pattern: RegExp): [from: number, to: number][] {
  const text = Buffer.from(bytes).toString("latin1");
  return [...text.matchAll(pattern)].map((match) => [match.index, match.index + match[0].length]);
}

function join(...parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

function latin1(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "latin1"));
}
