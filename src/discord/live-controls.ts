/**
 * Buttons that live as long as the work they belong to: cancelling it, and asking for something by a
 * modal, such as a locked file's password. They are kept in memory only; after a restart such a button
 * says that it no longer does anything. Only the person whose work it is may press.
 */
import { InteractionResponseType } from "discord.js";
import type { Form } from "../channels/command.ts";
import type { Cancel, Person } from "../channels/ports.ts";
import { type AbortSignalLike, AbortSource } from "../shared/abort.ts";
import type { Clock } from "../shared/clock.ts";
import { modalJson } from "./modal.ts";

type Texts = ReadonlyMap<string, string>;

type Control =
  | { kind: "cancel"; person: Person; cancel(): void }
  | { kind: "form"; person: Person; form: Form; give(texts: Texts): void };

/** What is sent back for a press; `text` is for the presser alone. */
export type PressReply = { type: InteractionResponseType; data?: unknown } | { text: string };

/** What is asked, of whom, behind which button. */
export interface Question {
  form: Form;
  label: string;
  person: Person;
}

const PREFIX = "live";
/** Within Discord's quarter of an hour for a command's answer. */
const PATIENCE_MS = 10 * 60_000;
const ROW = 1;
const BUTTON = 2;
const GREY = 2;
const BLUE = 1;

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
  async ask(
    { form, label, person }: Question,
    show: (components: readonly unknown[]) => Promise<void>,
    signal: AbortSignalLike,
  ): Promise<Texts | undefined> {
    let give: (texts: Texts | undefined) => void = () => undefined;
    const given = new Promise<Texts | undefined>((resolve) => {
      give = resolve;
    });
    const id = this.#add({ kind: "form", person, form, give });
    const done = new AbortSource();
    const end = (): void => done.abort("answered");
    signal.addEventListener("abort", end, { once: true });
    if (signal.aborted) end();
    try {
      await show(row(id, label, BLUE));
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
  press(custom_id: string, person: string): PressReply {
    const control = this.#controls.get(custom_id);
    if (!control) return { text: "This button no longer does anything." };
    if (control.person.id !== person) return { text: "This is not yours to press." };
    if (control.kind === "form") {
      return { type: InteractionResponseType.Modal, data: modalJson(custom_id, control.form) };
    }
    control.cancel();
    return { type: InteractionResponseType.DeferredMessageUpdate };
  }

  /** A modal was sent in. */
  submit(custom_id: string, person: string, texts: Texts): PressReply {
    const control = this.#controls.get(custom_id);
    if (control?.kind !== "form" || control.person.id !== person) {
      return { text: "This came too late: nobody waits for it any more. Begin again." };
    }
    control.give(texts);
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
