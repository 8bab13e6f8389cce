/**
 * The "Attach to memory" button: what it looks like and what its id says. Discord keeps both, so a
 * button works after a restart. The id names the message and the upload; the file's signed URL
 * expires and is asked for anew when somebody presses.
 */

export interface OfferKey {
  /** The message with the file; in the same channel as the button. */
  message: string;
  file: string;
}

const PREFIX = "attach";
const BUTTON = { type: 2, style: 1 } as const;
const ROW = 1;

export function offerId(key: OfferKey): string {
  return `${PREFIX}:${key.message}:${key.file}`;
}

/** Undefined for ids of other or older makes. */
export function parseOfferId(custom_id: string): OfferKey | undefined {
  const [prefix, message, file, ...rest] = custom_id.split(":");
  const isId = (text: string | undefined): text is string => /^\d{15,20}$/.test(text ?? "");
  if (prefix !== PREFIX || rest.length > 0 || !isId(message) || !isId(file)) return undefined;
  return { message, file };
}

/** `taken`: somebody pressed; the button stays as a mark and cannot be pressed again. */
export function offerComponents(key: OfferKey, taken = false): readonly unknown[] {
  const label = taken ? "Taken up" : "Attach to memory";
  return [
    {
      type: ROW,
      components: [{ ...BUTTON, label, custom_id: offerId(key), disabled: taken }],
    },
  ];
}
