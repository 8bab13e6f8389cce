/**
 * Loaded into the bot's process before the bot itself (`node --import`): answers the benchmark's
 * question what the process has used so far, over the IPC channel, so that it works on every
 * platform. Plain JavaScript, so that the measured process carries no TypeScript loader.
 */
import { createRequire } from "node:module";

process.on("message", (question) => {
  if (typeof global.gc === "function" && question?.collect) global.gc();
  const { user, system } = process.cpuUsage();
  process.send?.({ cpu_ms: (user + system) / 1000, memory: process.memoryUsage() });
});
// Asking must not keep the bot alive, and it must not outlive a benchmark that was broken off.
process.channel?.unref();
process.on("disconnect", () => process.exit());

// Discord takes 50 requests a second from a bot, and the library keeps to that. What is measured is
// how much the bot could do, so the benchmark lifts the limit, and nothing else.
if (process.env.BENCH_NO_RATE_LIMIT) {
  const { DefaultRestOptions } = createRequire(import.meta.url)("discord.js");
  DefaultRestOptions.globalRequestsPerSecond = Number.POSITIVE_INFINITY;
}
