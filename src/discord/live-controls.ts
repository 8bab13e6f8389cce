/**
 * Buttons that live as long as the work they belong to: cancelling it, and giving a locked file's
 * password in a modal. They are kept in memory only; after a restart such a button says that it no
 * longer does anything. Only the person whose work it is may press.
 */
import { InteractionResponseType } from "discord.js";
import type { Cancel, Person } from "../channels/ports.ts";
import { type AbortSignalLike, AbortSource } from "../shared/abort.ts";
import type { Clock } from "../shared/clock.ts";
import { cutGraphemes } from "./voice-name.ts";

type Control =
  | { kind: "cancel"; person: Person; cancel(): void }
  | { kind: "password"; person: Person; file: string; give(password: string): void };

/** What is sent back for a press; `text` is for the presser alone. */
export type PressAnswer = { type: InteractionResponseType; data?: unknown } | { text: string };

const PREFIX = "live";
const PASSWORD = "password";
/** Within Discord's quarter of an hour for a command's answer. */
const PATIENCE_MS = 10 * 60_000;
const ROW = 1;
const BUTTON = 2;
const TEXT_INPUT = 4;
const GREY = 2;
const BLUE = 1;
const LONGEST_TITLE = 45;

export class LiveControls {
  readonly #clock: Clock;
  readonly #controls = new Map<string, Control>();
  #count = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A "Cancel" button's row; `remove` when the work has ended. */
  cancelButton({ person, cancel }: Cancel): { components: readonly unknown[]; remove(): void } {
    const id = this.#add({ kind: "cancel", person, cancel });
    return { components: row(id, "Cancel", GREY), remove: () => this.#controls.delete(id) };
  }

  /**
   * Shows a button that opens a modal, and resolves with what is typed there; undefined when nothing
   * is within ten minutes, or `signal` aborts. `show` puts the button before the person.
   */
  async askPassword(
    file: string,
    person: Person,
    show: (components: readonly unknown[]) => Promise<void>,
    signal: AbortSignalLike,
  ): Promise<string | undefined> {
    let give: (password: string | undefined) => void = () => undefined;
    const given = new Promise<string | undefined>((resolve) => {
      give = resolve;
    });
    const id = this.#add({ kind: "password", person, file, give });
    const done = new AbortSource();
    const end = (): void => done.abort("answered");
    signal.addEventListener("abort", end, { once: true });
    if (signal.aborted) end();
    try {
      await show(row(id, "Enter password", BLUE));
      const over = this.#clock.sleep(PATIENCE_MS, done.signal).then(
        () => undefined,
        () => undefined,
      );
      return await Promise.race([given, over]);
    } finally {
      // No timer is left behind that would hold the process open.
      end();
      signal.removeEventListener("abort", end);
      this.#controls.delete(id);
    }
  }

  isOurs(custom_id: string): boolean {
    return custom_id.startsWith(`${PREFIX}:`);
  }

  /** A button was pressed. */
  press(custom_id: string, person: string): PressAnswer {
    const control = this.#controls.get(custom_id);
    if (!control) return { text: "This button no longer does anything." };
    if (control.person.id !== person) return { text: "This is not yours to press." };
    if (control.kind === "password") {
      return { type: InteractionResponseType.Modal, data: modal(custom_id, control.file) };
    }
    control.cancel();
    return { type: InteractionResponseType.DeferredMessageUpdate };
  }

  /** A modal was sent in; `field` reads its input. */
  submit(custom_id: string, person: string, field: (name: string) => string): PressAnswer {
    const control = this.#controls.get(custom_id);
    if (control?.kind !== "password" || control.person.id !== person) {
      return { text: "This came too late. Attach the file again." };
    }
    control.give(field(PASSWORD));
    return { type: InteractionResponseType.DeferredMessageUpdate };
  }

  #add(control: Control): string {
    this.#count += 1;
    const id = `${PREFIX}:${this.#clock.now().toString(36)}:${this.#count.toString(36)}`;
    this.#controls.set(id, control);
    return id;
  }
}

function row(custom_id: string, label: string, style: number): readonly unknown[] {
  return [{ type: ROW, components: [{ type: BUTTON, style, label, custom_id }] }];
}

function modal(custom_id: string, file: string): unknown {
  const input = { type: TEXT_INPUT, custom_id: PASSWORD, label: "Password", style: 1 };
  return {
    custom_id,
    title: cutGraphemes(`Password of ${file}`, LONGEST_TITLE),
    components: [
      { type: ROW, components: [{ ...input, min_length: 1, max_length: 200, required: true }] },
    ],
  };
}
