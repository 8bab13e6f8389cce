/**
 * The words of `npm run load`, those of `memgpt load`: `directory --name paper --input-files=a.pdf`,
 * `--input-dir`, `--recursive`, and `webpage --name docs --urls https://…`. Text to a job; it looks at
 * no file.
 */
import { parseArgs } from "node:util";
import { ColloquyError } from "./shared/errors.ts";

/** What the running bot is handed; paths are absolute by then. */
export interface LoadJob {
  kind: "directory" | "webpage";
  name: string;
  /** The server (guild id), direct message or "terminal" that the source belongs to. */
  scope: string;
  files: string[];
  directory?: string;
  recursive: boolean;
  urls: string[];
}

export const LOAD_USAGE = `Usage:
  npm run load -- directory --name NAME --input-files=FILE [--input-files=FILE …]
  npm run load -- directory --name NAME --input-dir=FOLDER [--recursive]
  npm run load -- webpage --name NAME --urls=URL [--urls=URL …]
Options:
  --server=ID   the Discord server that it is for; without it, the terminal`;

/** Fails with code `usage`. */
export function parseLoadArguments(argv: readonly string[]): LoadJob {
  const [kind, ...rest] = argv;
  if (kind !== "directory" && kind !== "webpage") {
    throw usageError(kind === undefined ? "What is to be loaded?" : `"${kind}" cannot be loaded.`);
  }
  const { values, positionals } = parsed(rest);
  const name = values.name?.trim();
  if (!name) throw usageError("The source needs a name: --name.");
  const files = [...(values["input-files"] ?? [])];
  const urls = [...(values.urls ?? [])];
  // `--input-files a.pdf b.pdf`: the words after the first belong to it too.
  (kind === "webpage" ? urls : files).push(...positionals);
  const directory = values["input-dir"];
  if (kind === "directory" && files.length === 0 && directory === undefined) {
    throw usageError("Which files? --input-files or --input-dir.");
  }
  if (kind === "webpage" && urls.length === 0) throw usageError("Which pages? --urls.");
  return {
    ...{ kind, name, files, urls },
    scope: values.server ?? "terminal",
    recursive: values.recursive ?? false,
    ...(directory === undefined ? {} : { directory }),
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        name: { type: "string" },
        "input-files": { type: "string", multiple: true },
        "input-dir": { type: "string" },
        recursive: { type: "boolean" },
        urls: { type: "string", multiple: true },
        server: { type: "string" },
      },
    });
  } catch (error) {
    throw usageError(error instanceof Error ? error.message : "These words are not known.");
  }
}

/** Whether what came over a socket is a job. */
export function isLoadJob(value: unknown): value is LoadJob {
  const job = value as Partial<LoadJob> | null;
  const texts = (list: unknown): boolean =>
    Array.isArray(list) && list.every((one) => typeof one === "string");
  return (
    typeof job === "object" &&
    job !== null &&
    (job.kind === "directory" || job.kind === "webpage") &&
    typeof job.name === "string" &&
    typeof job.scope === "string" &&
    texts(job.files) &&
    texts(job.urls) &&
    (job.directory === undefined || typeof job.directory === "string")
  );
}

function usageError(message: string): ColloquyError {
  return new ColloquyError("usage", message, { next: LOAD_USAGE });
}
