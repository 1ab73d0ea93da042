import { expect, test, vi } from "vitest";
import { startCommandLine } from "./command-line.ts";
import { defined, enter, kept, keptLedger, LEDGER, ledgerWith, meddle, objects, type Ledger } from "./ledgers.ts";

vi.setConfig({ testTimeout: 120_000 });

interface Record {
  readonly name: string;
  readonly generations: readonly {
    readonly generation: number;
    readonly status: string;
    readonly handled: number;
    readonly worker: string | null;
  }[];
}

async function recordOf(ledger: Ledger): Promise<Record> {
  const [record] = objects(await kept(["status", "balances"], ledger, "--json"));
  return record as Record;
}

function start(words: readonly string[], { store, views }: Ledger, ...more: readonly string[]) {
  return startCommandLine(["projection", ...words, "--module", LEDGER, "--store", store, "--views", views, ...more]);
}

test("a rebuild that is stopped by Ctrl-C leaves what it built, and the same command goes on with it", async () => {
  const amounts = Array.from({ length: 3_000 }, () => 1);
  const ledger = await keptLedger({ a: [1] });
  await enter(ledger, { a: amounts });
  meddle({ LEDGER_WORK_MS: "3" });
  const { child, ended } = start(["rebuild", "balances"], ledger);
  await vi.waitFor(
    async () => expect((await recordOf(ledger)).generations).toMatchObject([{}, {}, { status: "building", handled: expect.any(Number) }]),
    { timeout: 60_000 },
  );
  await vi.waitFor(async () => expect((await recordOf(ledger)).generations[2]?.handled).toBeGreaterThan(0), { timeout: 60_000 });
  child.kill("SIGINT");
  const { status, output, errors } = await ended;
  expect({ status, output }).toEqual({ status: 1, output: "" });
  expect(errors).toMatch(/^balances \d+% {2}[\d,]+ events, [\d,]+ a second/);
  expect(errors).toMatch(/reactive-domain: Stopped\. What was built stays; run the same command again to go on\.\n$/);
  const [, live, building] = (await recordOf(ledger)).generations;
  expect(live).toMatchObject({ status: "live" });
  expect(building).toMatchObject({ status: "building", worker: null });
  expect(building?.handled).toBeLessThan(3_000);
  vi.stubEnv("LEDGER_WORK_MS", "0");
  const [result] = objects(await defined(["rebuild", "balances"], ledger, "--json"));
  expect(result).toMatchObject({ generation: building?.generation, handled: 3_001, isSwapped: true });
  expect(await defined(["verify", "balances"], ledger)).toMatchObject({ status: 0 });
});

test("projections run until they are told to end, tell their state, and let go of what they hold", async () => {
  const ledger = await ledgerWith({ a: [1, 2] });
  const { child, ended } = start(["run"], ledger, "--every", "100ms", "--json");
  await vi.waitFor(async () => expect(await defined(["wait", "totals"], ledger, "--timeout", "5s")).toMatchObject({ status: 0 }), {
    timeout: 60_000,
  });
  await enter(ledger, { b: [3] });
  expect(await defined(["wait", "balances"], ledger, "--timeout", "30s")).toMatchObject({ status: 0 });
  expect((await recordOf(ledger)).generations).toMatchObject([
    { status: "live", handled: 3, worker: expect.stringContaining(`:${child.pid}:`) },
  ]);
  expect(objects(await kept(["list"], ledger, "--json"))).toMatchObject([{ name: "balances", state: "working" }, { name: "totals" }]);
  child.kill("SIGTERM");
  const { status, output, errors } = await ended;
  expect({ status, errors }).toEqual({ status: 0, errors: "" });
  const lines = output.trimEnd().split("\n");
  expect(JSON.parse(lines.at(-1) ?? "")).toEqual({
    time: expect.any(String),
    name: "balances",
    status: "live",
    position: expect.any(Number),
    lag: { events: 0, ms: 0 },
    progressAgeMs: expect.any(Number),
    parked: 0,
    failing: 0,
    error: null,
  });
  expect((await recordOf(ledger)).generations).toMatchObject([{ worker: null }]);
});

test("one that stops for good is told at once, and all of them in the status", async () => {
  const ledger = await ledgerWith({ a: [13] });
  meddle({ LEDGER_FAILS_AT: "13" });
  const stopped = defined(["run", "balances"], ledger, "--attempts", "1", "--finally", "stop");
  expect(await stopped).toMatchObject({
    status: 1,
    complaints: ["reactive-domain: 1 of the projections stopped for good."],
    told: [
      "balances: Entered at position 0, key a, failed at attempt 1: Error: bad luck",
      expect.stringMatching(/^Projection balances has stopped: Entered at position 0 failed/),
    ],
  });
});

test("where one of two stops, the other goes on until it is told to end, and the status is 1 all the same", async () => {
  const ledger = await ledgerWith({ a: [13] });
  meddle({ LEDGER_FAILS_AT: "13" });
  const { child, ended } = start(["run"], ledger, "--attempts", "1", "--finally", "stop", "--every", "100ms");
  const { stderr } = child;
  let errors = "";
  stderr?.on("data", (chunk: Buffer) => (errors += chunk.toString("utf8")));
  await vi.waitFor(() => expect(errors).toContain("Projection balances has stopped"), { timeout: 60_000 });
  await enter(ledger, { b: [1] });
  expect(await defined(["wait", "totals"], ledger)).toMatchObject({ status: 0 });
  child.kill("SIGINT");
  expect(await ended).toMatchObject({ status: 1, output: expect.stringMatching(/Z balances: stopped, .*\n/) });
});
