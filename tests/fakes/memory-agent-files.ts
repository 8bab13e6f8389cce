import type { AgentFiles } from "../../src/memgpt/ports.ts";
import { ColloquyError } from "../../src/shared/errors.ts";

/** Files in a Map by `owner/name`. Names are taken as they come. */
export class MemoryAgentFiles implements AgentFiles {
  readonly texts = new Map<string, string>();

  async read(owner: string, filename: string): Promise<string> {
    const text = this.texts.get(`${owner}/${filename}`);
    if (text !== undefined) return text;
    throw new ColloquyError("agent_file_missing", `The file '${filename}' does not exist.`);
  }

  async append(owner: string, filename: string, text: string): Promise<void> {
    const key = `${owner}/${filename}`;
    this.texts.set(key, (this.texts.get(key) ?? "") + text);
  }

  async removeLines(owner: string, isGone: (line: string) => boolean): Promise<void> {
    for (const [key, text] of this.texts) {
      if (!key.startsWith(`${owner}/`)) continue;
      const kept = text.split("\n").filter((line) => !isGone(line));
      this.texts.set(key, kept.join("\n"));
    }
  }
}
