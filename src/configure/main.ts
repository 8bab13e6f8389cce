/**
 * The process of `npm run configure`: arguments, lines in, lines out. Answers may also come from a
 * pipe, one a line.
 */
import { createInterface } from "node:readline";
import { configure } from "./configure.ts";

const lines = createInterface({ input: process.stdin, terminal: false });
const answers = lines[Symbol.asyncIterator]();

configure({
  args: process.argv.slice(2),
  cwd: process.cwd(),
  env: process.env,
  talk: {
    say: (text) => {
      process.stdout.write(`${text}\n`);
    },
    ask: async (question) => {
      process.stdout.write(question);
      const { value, done } = await answers.next();
      // Without a terminal nobody's Enter ends the line.
      if (!process.stdin.isTTY) process.stdout.write("\n");
      return done ? undefined : String(value);
    },
  },
})
  .catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    return 1;
  })
  .then((code) => process.exit(code));
