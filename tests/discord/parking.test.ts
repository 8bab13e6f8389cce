import { beforeEach, expect, test } from "vitest";
import { DiscordError } from "../../src/discord/discord-error.ts";
import { type KnownPermissions, Parking } from "../../src/discord/parking.ts";
import { FakeClock } from "../fakes/fake-clock.ts";
import { RecordingLogger } from "../fakes/small-fakes.ts";

let clock: FakeClock;
let logger: RecordingLogger;
let known: KnownPermissions | undefined;
let requests: number;
let parking: Parking;

beforeEach(() => {
  clock = new FakeClock();
  logger = new RecordingLogger();
  known = undefined;
  requests = 0;
  parking = new Parking({ permissions: () => known, clock, logger });
});

function refusal(api_code: number): DiscordError {
  return new DiscordError("discord_forbidden", "No.", {}, { api_code });
}

/** Writes, and tells how it went. */
async function write(failure?: DiscordError): Promise<string> {
  try {
    return await parking.guard("1", async () => {
      requests += 1;
      if (failure) throw failure;
      return "written";
    });
  } catch (error) {
    return error instanceof DiscordError ? error.code : "another error";
  }
}

test.each([50001, 50013, 50007, 10003])("parks a channel for an hour after %i", async (code) => {
  expect(await write(refusal(code))).toBe("discord_forbidden");
  for (let i = 0; i < 5; i += 1) expect(await write()).toBe("discord_parked");
  await clock.advance(3_599_000);
  expect(parking.of("1")?.code).toBe("discord_parked");
  expect(parking.of("2")).toBeUndefined();
  await clock.advance(1_000);
  expect(await write()).toBe("written");
  expect(requests).toBe(2);
});

test("makes at most one refused request an hour, and logs it once", async () => {
  for (let minute = 0; minute < 180; minute += 1) {
    await write(refusal(50013));
    await clock.advance(60_000);
  }
  expect(requests).toBe(3);
  expect(logger.lines).toHaveLength(1);
});

test("does not park a channel for other failures", async () => {
  for (const code of [10008, 10015, 30007, 50083]) await write(refusal(code));
  expect(await write(new DiscordError("discord_unavailable", "Down."))).toBe("discord_unavailable");
  expect(await write()).toBe("written");
});

test("asks nothing where the permission is known to be missing, and recovers with it", async () => {
  known = { may_write: false, locked: false, missing: ["Send Messages in Threads"], bits: 1n };
  expect(await write()).toBe("discord_parked");
  expect(await write()).toBe("discord_parked");
  known = { may_write: true, locked: false, missing: [], bits: 3n };
  expect(await write()).toBe("written");
  expect(requests).toBe(1);
  known = { may_write: false, locked: false, missing: ["Send Messages in Threads"], bits: 1n };
  expect(await write()).toBe("discord_parked");
  expect(logger.lines).toHaveLength(2);
});

test("names the permission that is missing, or what is needed where that is not known", async () => {
  known = { may_write: false, locked: false, missing: ["Send Messages in Threads"], bits: 1n };
  expect(parking.of("1")?.why).toBe("I lack Send Messages in Threads here.");
  expect(JSON.stringify(logger.lines)).toContain("Send Messages in Threads");
  known = {
    may_write: true,
    locked: false,
    missing: ["Attach Files", "Manage Webhooks"],
    bits: 3n,
  };
  await write(refusal(50013));
  expect(parking.of("1")?.why).toBe("I lack Attach Files and Manage Webhooks here.");
  expect(parking.lacks("1", "Attach Files")).toBe(true);
  known = undefined;
  expect(parking.lacks("1", "Attach Files")).toBe(false);
  await write(refusal(50013));
  expect(parking.of("1")?.next).toMatch(/give me View Channels and Send Messages here/);
});

test("tries again as soon as the permissions change", async () => {
  known = { may_write: true, locked: false, missing: [], bits: 3n };
  await write(refusal(50013));
  expect(await write()).toBe("discord_parked");
  known = { may_write: true, locked: false, missing: [], bits: 7n };
  expect(await write()).toBe("written");
});
