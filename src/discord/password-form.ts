/** How the person who brought a locked file is asked for its password. */
import type { Form } from "../channels/command.ts";
import { fileLabel } from "../channels/markdown.ts";
import type { AskPassword, Person } from "../channels/ports.ts";
import type { AbortSignalLike } from "../shared/abort.ts";
import type { LiveControls } from "./live-controls.ts";

const PASSWORD = "password";
const LONGEST_PASSWORD = 200;

/** `show` puts the line with its button before the person. */
export function passwordAsker(
  controls: LiveControls,
  person: Person,
  show: (text: string, components: readonly unknown[]) => Promise<void>,
  signal: AbortSignalLike,
): AskPassword {
  return async (file, again) => {
    const given = await controls.ask(
      { form: passwordForm(file), label: "Enter password", person },
      (components) => show(lockedText(file, again), components),
      signal,
    );
    return given?.get(PASSWORD);
  };
}

function passwordForm(file: string): Form {
  const field = { name: PASSWORD, label: "Password", required: true, max_length: LONGEST_PASSWORD };
  return { title: `Password of ${file}`, fields: [field] };
}

function lockedText(file: string, again: boolean): string {
  const name = fileLabel(file);
  return again
    ? `That is not the password of ${name}. Try again.`
    : `${name} is encrypted. Its password is needed to read it, and is not kept.`;
}
