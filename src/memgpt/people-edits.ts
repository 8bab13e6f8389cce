/**
 * Edits of core memory that people make, not the model: taking the model's last ones back, and
 * correcting what stands about oneself. Each comes with the event's text that tells the model.
 */
import type { BlockLabel, CoreMemory, EditReceipt } from "./core-memory.ts";
import { blockText } from "./system-message.ts";

/** `told` is empty when there was nothing to undo. */
export function undoEdits(
  core: CoreMemory,
  count: number,
  now: number,
): { undone: EditReceipt[]; told: string } {
  const undone: EditReceipt[] = [];
  for (let i = 0; i < count; i += 1) {
    const edit = core.undo(now);
    if (!edit) break;
    undone.push(edit);
  }
  if (undone.length === 0) return { undone, told: "" };
  const what =
    undone.length === 1 ? "edit of core memory was" : `${undone.length} edits of core memory were`;
  const labels = new Set(undone.map(({ label }) => label));
  return { undone, told: toldBlocks(core, `Your last ${what} undone by people`, labels) };
}

/** Throws as `CoreMemory.replace` does, also for somebody who has no block. */
export function correctPerson(
  core: CoreMemory,
  person: string,
  change: { old_content: string; new_content: string },
  now: number,
): { edit: EditReceipt; told: string } {
  const label = core.personBlock(person)?.label ?? "(none)";
  const edit = core.replace(label, change.old_content, change.new_content, now);
  core.settle(label);
  return {
    edit,
    told: toldBlocks(core, "Core memory was corrected by the person concerned", [label]),
  };
}

function toldBlocks(core: CoreMemory, what: string, labels: Iterable<BlockLabel>): string {
  const blocks = [...labels].map((label) => blockText(core, label));
  return `${what}. This is how it reads now:\n${blocks.join("\n")}`;
}
