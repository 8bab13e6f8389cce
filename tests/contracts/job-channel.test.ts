import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type JobChannel,
  type JobHandler,
  sendJob,
  serveJobs,
} from "../../src/adapters/system/job-channel.ts";
import { DocumentError } from "../../src/documents/ports.ts";

let folder: string;
const channels: JobChannel[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "colloquy-jobs-"));
});

afterEach(async () => {
  await Promise.all(channels.splice(0).map((channel) => channel.close()));
  rmSync(folder, { recursive: true, force: true });
});

async function serve(handler: JobHandler): Promise<JobChannel> {
  const channel = await serveJobs(folder, handler);
  channels.push(channel);
  return channel;
}

describe("handing a job to the running bot", () => {
  it("gives its progress and its last words", async () => {
    await serve(async (job, { tell }) => {
      tell("half");
      return `did ${JSON.stringify(job)}`;
    });
    const told: string[] = [];
    const done = await sendJob(folder, { a: 1 }, { onProgress: (text) => told.push(text) });
    expect([done, told]).toEqual(['did {"a":1}', ["half"]]);
  });

  it("finds nobody where none runs, or one was killed", async () => {
    expect(await sendJob(folder, {})).toBeUndefined();
    const address = join(folder, "gone.sock");
    writeFileSync(join(folder, "jobs.json"), JSON.stringify({ address, token: "t" }));
    expect(await sendJob(folder, {})).toBeUndefined();
    const channel = await serve(async () => "done");
    expect(await sendJob(folder, {})).toBe("done");
    await channel.close();
    expect(await sendJob(folder, {})).toBeUndefined();
  });

  it("passes a failure on in words", async () => {
    await serve(async () => {
      throw new DocumentError("document_empty", "It is empty.", { next: "Take another." });
    });
    const failing = sendJob(folder, {});
    await expect(failing).rejects.toMatchObject({
      code: "document_empty",
      message: "It is empty. Take another.",
    });
  });

  it("cancels the job when the caller hangs up", async () => {
    const stop = new AbortController();
    const cancelled = new Promise<void>((resolve) => {
      void serve(
        (_job, { signal, tell }) =>
          new Promise(() => {
            signal.addEventListener("abort", () => resolve());
            tell("begun");
          }),
      ).then(() =>
        sendJob(folder, {}, { signal: stop.signal, onProgress: () => stop.abort("enough") }).catch(
          (reason: unknown) => expect(reason).toBe("enough"),
        ),
      );
    });
    await cancelled;
  });

  it("tells when the bot goes away in the middle", async () => {
    const channel = await serve(() => new Promise(() => {}));
    const failing = sendJob(folder, {});
    failing.catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 50));
    await channel.close();
    await expect(failing).rejects.toMatchObject({ code: "job_lost" });
  });

  it.skipIf(process.platform === "win32")(
    "lets only this user in, and only with the token",
    async () => {
      let jobs = 0;
      await serve(async () => {
        jobs += 1;
        return "";
      });
      const file = join(folder, "jobs.json");
      expect(statSync(file).mode & 0o777).toBe(0o600);
      const { address } = JSON.parse(readFileSync(file, "utf8")) as { address: string };
      for (const line of ['{"token":"guess","job":{}}\n', '{"job":{}}\n', "nonsense\n", "null\n"]) {
        const socket = connect(address);
        socket.write(line);
        socket.on("error", () => {});
        await new Promise((resolve) => socket.once("close", resolve));
      }
      expect(jobs).toBe(0);
    },
  );
});
