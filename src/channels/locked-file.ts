/**
 * Documents that open with a password only: the person who brought one is asked, a few times at most.
 * The password goes to the reader and nowhere else.
 */
import { errorCode } from "../shared/errors.ts";
import type { AskPassword } from "./ports.ts";

const MOST_TRIES = 3;

/** `open` without a password, then with those that are given. Rejects as `open` did last. */
export async function unlocking<T>(
  file: string,
  ask: AskPassword | undefined,
  open: (password?: string) => Promise<T>,
): Promise<T> {
  let password: string | undefined;
  for (let tries = 0; ; tries += 1) {
    try {
      return await open(password);
    } catch (error) {
      if (!ask || tries === MOST_TRIES || errorCode(error) !== "document_encrypted") throw error;
      password = await ask(file, tries > 0);
      if (password === undefined || password === "") throw error;
    }
  }
}
