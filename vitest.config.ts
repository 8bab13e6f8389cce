import { defineConfig } from "vitest/config";

// Two projects: `unit` needs nothing but Node and is fast; `e2e` starts the real Chroma, SQLite and
// discord.js on loopback. `npm test` runs both, `npm run test:unit` the first.
export default defineConfig({
  test: {
    reporters: ["default", "./scripts/closing-line-reporter.ts"],
    projects: [
      {
        test: {
          name: "unit",
          // No test mocks modules or keeps state in them, so files may share what they import.
          isolate: false,
          include: ["tests/**/*.test.ts"],
          exclude: ["tests/e2e/**", "tests/contracts/**"],
        },
      },
      {
        test: {
          name: "e2e",
          include: ["tests/e2e/**/*.test.ts", "tests/contracts/**/*.test.ts"],
          globalSetup: ["tests/e2e/build-once.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
