// @ts-check
/**
 * Parts of a zip archive, within limits: nothing is unpacked that its directory does not announce,
 * and the announced sizes are added up first. A directory that lies gets no more than it announced:
 * fflate unpacks into a buffer of that size.
 */
import { unzipSync } from "fflate";

/** What all parts may come to, unpacked. */
const MAX_UNPACKED = 128 * 1024 * 1024;
const MAX_ENTRIES = 20_000;

/** Unpacked, it would be too large. */
export class BombError extends Error {
  /** @override */
  name = "BombError";
}

/** Adds up over several calls on one archive. */
export class ZipParts {
  /** @type {Uint8Array} */
  #bytes;
  #left = MAX_UNPACKED;

  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    this.#bytes = bytes;
  }

  /**
   * The wanted parts by name. Throws `BombError`, or fflate's error where the archive is damaged.
   *
   * @param {(name: string) => boolean} wanted
   * @returns {Map<string, Uint8Array>}
   */
  take(wanted) {
    let entries = 0;
    const parts = unzipSync(this.#bytes, {
      filter: ({ name, originalSize }) => {
        entries += 1;
        if (entries > MAX_ENTRIES) throw new BombError(`more than ${MAX_ENTRIES} parts`);
        if (!wanted(name)) return false;
        this.#left -= originalSize;
        if (this.#left < 0) throw new BombError("too large when unpacked");
        return true;
      },
    });
    return new Map(Object.entries(parts));
  }

  /**
   * One part as text, or undefined.
   *
   * @param {string} name
   * @returns {string | undefined}
   */
  text(name) {
    const part = this.take((one) => one === name).get(name);
    return part && decodeXml(part);
  }
}

/**
 * UTF-8 or UTF-16, as XML may be.
 *
 * @param {Uint8Array} bytes
 */
export function decodeXml(bytes) {
  const [a, b] = bytes;
  const encoding =
    a === 0xff && b === 0xfe ? "utf-16le" : a === 0xfe && b === 0xff ? "utf-16be" : "utf-8";
  return new TextDecoder(encoding).decode(bytes);
}
