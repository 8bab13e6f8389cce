/**
 * `npm run bench:recall -- [DIR]`: how much of the annotated evidence recall search finds. Plays each
 * conversation into a real `RecallMemory` on a real SQLite store, asks its questions, and prints
 * what `USAGE` says. The shape of a file is `FILE_SHAPE` in recall-conversation.ts.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { CONVERSATION, type RankingWeights } from "../src/memgpt/ranking/ranking-weights.ts";
import { WITHOUT } from "./recall-ablations.ts";
import { type Conversation, FILE_SHAPE, readConversation } from "./recall-conversation.ts";
import { measureScale } from "./recall-scale.ts";
import { type Asked, openRecall } from "./recall-store.ts";

const DEFAULT_DIR = join(import.meta.dirname, "recall-data");
const DEPTHS = [5, 10, 20] as const;
const TEN = DEPTHS.indexOf(10);
const USAGE = `npm run bench:recall -- [DIR] [--ablation | --scale | --misses]

Reads every *.json of DIR (default: bench/recall-data) and prints per file and in all: the share of
the evidence among the first 5, 10 and 20 results (recall: average over questions; micro: over all
evidence lines), MRR, and the time of a search.
  --ablation  the same with each mechanism of ranking taken away, and for two plain baselines
  --scale     times at 1,000, 10,000 and 100,000 lines, and the prompt tokens of ten results
  --misses    also each question with evidence that is not among the first ten

A file:
${FILE_SHAPE}
`;

interface File {
  name: string;
  conversation: Conversation;
}

interface Row {
  found: number[];
  evidence: number;
  reciprocal: number;
  ms: number;
}

async function main(args: readonly string[]): Promise<void> {
  if (args.includes("--help")) {
    process.stdout.write(USAGE);
    return;
  }
  const files = readAll(args.find((arg) => !arg.startsWith("--")) ?? DEFAULT_DIR);
  if (args.includes("--scale")) {
    const report = await measureScale(files.map((file) => file.conversation));
    process.stdout.write(`${report.join("\n")}\n`);
    return;
  }
  if (args.includes("--ablation")) {
    await ablate(files);
    return;
  }
  const all: Row[] = [];
  for (const file of files) {
    const rows = await measure(file, CONVERSATION, args.includes("--misses"));
    all.push(...rows);
    print(file.name, rows);
  }
  print("all", all);
  const count = (what: "left_out" | "unknown_evidence"): number =>
    files.reduce((sum, { conversation }) => sum + conversation[what], 0);
  if (count("unknown_evidence") + count("left_out") > 0) {
    process.stdout.write(
      `not judged: ${count("left_out")} questions without evidence among the turns; ${count("unknown_evidence")} pieces of evidence that are no turn\n`,
    );
  }
}

/** A file of another shape is told and passed over. Throws when none can be read. */
function readAll(dir: string): File[] {
  const files: File[] = [];
  for (const name of readdirSync(dir).sort()) {
    if (!name.endsWith(".json")) continue;
    try {
      files.push({
        name: name.replace(/\.json$/, ""),
        conversation: readConversation(join(dir, name)),
      });
    } catch (cause) {
      process.stderr.write(`${name} is passed over: ${(cause as Error).message}\n`);
    }
  }
  if (files.length === 0)
    throw new Error(`There is no conversation in ${dir}; --help shows the shape.`);
  return files;
}

async function ablate(files: readonly File[]): Promise<void> {
  for (const [name, change] of WITHOUT) {
    const rows: Row[] = [];
    const each: string[] = [];
    for (const file of files) {
      const ofFile = await measure(file, { ...CONVERSATION, ...change });
      rows.push(...ofFile);
      each.push(`${file.name} ${share(ofFile, TEN).toFixed(3)}`);
    }
    print(name, rows);
    process.stdout.write(`  recall@10: ${each.join(", ")}\n`);
  }
}

async function measure(file: File, weights: RankingWeights, misses = false): Promise<Row[]> {
  const recall = await openRecall(file.conversation, weights);
  try {
    const rows: Row[] = [];
    for (const question of file.conversation.questions) {
      const asked = await recall.ask(question.text);
      rows.push(judge(asked, question.evidence));
      if (misses) printMisses(file, question, asked);
    }
    return rows;
  } finally {
    await recall.close();
  }
}

function judge({ ids, ms }: Asked, evidence: readonly string[]): Row {
  const wanted = new Set(evidence);
  const found = DEPTHS.map((depth) => {
    const first = new Set(ids.slice(0, depth));
    return [...wanted].filter((id) => first.has(id)).length;
  });
  const first = ids.findIndex((id) => wanted.has(id));
  return { found, evidence: wanted.size, reciprocal: first < 0 ? 0 : 1 / (first + 1), ms };
}

/** Of the evidence at a place in `DEPTHS`, averaged over questions. */
function share(rows: readonly Row[], depth: number): number {
  const sum = rows.reduce((found, row) => found + (row.found[depth] ?? 0) / row.evidence, 0);
  return sum / Math.max(1, rows.length);
}

function print(name: string, rows: readonly Row[]): void {
  const evidence = rows.reduce((sum, row) => sum + row.evidence, 0) || 1;
  const figures = DEPTHS.map((depth, i) => {
    return {
      depth,
      macro: share(rows, i),
      micro: rows.reduce((sum, row) => sum + (row.found[i] ?? 0), 0) / evidence,
    };
  });
  const mrr = rows.reduce((sum, row) => sum + row.reciprocal, 0) / Math.max(1, rows.length);
  const times = rows.map((row) => row.ms).sort((a, b) => a - b);
  const at = (share: number): string => (times[Math.floor(times.length * share)] ?? 0).toFixed(2);
  const [five, ten, twenty] = figures;
  const recall = [ten, five, twenty].map((f) => `recall@${f?.depth} ${f?.macro.toFixed(3)}`);
  const micro = [ten, five, twenty].map((f) => `micro@${f?.depth} ${f?.micro.toFixed(3)}`);
  process.stdout.write(
    `${name} ${recall.join(" ")} ${micro.join(" ")} MRR ${mrr.toFixed(3)} questions ${rows.length} median ${at(0.5)} ms p95 ${at(0.95)} ms\n`,
  );
}

function printMisses(
  { conversation }: File,
  { text, evidence }: { text: string; evidence: readonly string[] },
  { ids }: Asked,
): void {
  const missed = evidence.filter((id) => !ids.slice(0, 10).includes(id));
  if (missed.length === 0) return;
  process.stdout.write(`\n? ${text}\n`);
  const line = (id: string, mark: string): void => {
    const turn = conversation.turns.find((one) => one.id === id);
    if (turn) process.stdout.write(`${mark} ${turn.id} ${turn.speaker}: ${turn.text}\n`);
  };
  for (const id of missed) line(id, `  missed (place ${ids.indexOf(id) + 1})`);
  for (const id of ids.slice(0, 3)) line(id, "  instead");
}

try {
  await main(process.argv.slice(2));
} catch (cause) {
  process.stderr.write(`${(cause as Error).message}\n`);
  process.exitCode = 1;
}
