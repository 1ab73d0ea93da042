import { position } from "@reactive-domain/core";
import type { Fence } from "@reactive-domain/persistence";
import { openSqliteReadModels } from "@reactive-domain/sqlite";
import { expect, test, vi } from "vitest";
import { runCommandLine } from "./command-line.ts";
import { defined, enter, kept, keptLedger, ledgerWith, meddle, objects, rebuildFirst } from "./ledgers.ts";

vi.setConfig({ testTimeout: 60_000 });

test("the program tells its projection commands, and what their json looks like", async () => {
  const { output } = await runCommandLine(["projection", "--help"]);
  for (const name of [
    "list",
    "status",
    "lag",
    "wait",
    "rebuild",
    "verify",
    "run",
    "pause",
    "resume",
    "rollback",
    "reset",
    "discard",
    "parked",
    "replay",
  ])
    expect(output).toMatch(new RegExp(`^ {2}${name} `, "m"));
  const lag = await runCommandLine(["projection", "lag", "--help"]);
  expect(lag.output.replaceAll(/\s+/g, " ")).toContain("one JSON object: projection, events, ms, isWithin");
});

test("all that are kept are listed, with what a store has more", async () => {
  const ledger = await keptLedger({ a: [1, 2], b: [3] });
  expect((await kept(["list"], ledger)).lines).toEqual([
    "POSITION  LAG  PARKED  VERSION  STATE  GENERATIONS        WORKER  NAME",
    "       3    -       0        1  idle   1 retired, 2 live  -       balances",
  ]);
  await enter(ledger, { a: [4] });
  expect((await kept(["list"], ledger, "--store", ledger.store)).lines[1]).toMatch(/^ +3 {2}<= 2 +0 /);
  const listed = await kept(["list"], ledger, "--store", ledger.store, "--json");
  expect(objects(listed)).toEqual([
    {
      name: "balances",
      state: "idle",
      version: 1,
      position: 3,
      parked: 0,
      pausedUntil: null,
      lag: { events: 2, ms: expect.any(Number) as number },
      revision: expect.any(Number) as number,
      generations: [
        expect.objectContaining({ generation: 1, status: "retired", position: null }),
        {
          generation: 2,
          status: "live",
          version: 1,
          position: 3,
          lanes: [3],
          handled: 3,
          madeAt: expect.any(String) as string,
          worker: null,
          leaseUntil: null,
          entries: { failing: 0, trial: 0, parked: 0, waiting: 0, replay: 0 },
        },
      ],
    },
  ]);
});

test("the status of one is told with its generations", async () => {
  const ledger = await keptLedger({ a: [1, 2] });
  await enter(ledger, { a: [4] });
  const { status, lines } = await kept(["status", "balances"], ledger, "--store", ledger.store);
  expect(status).toBe(0);
  expect(lines.join("\n")).toMatch(
    /^projection {2}balances\nstate {7}idle\nlag {9}at most 2 events, the oldest \d+ s old\nrevision {4}\d+\n\n/,
  );
  expect(lines.at(-1)).toMatch(/^ +2 +1 +2 +1 +2 +0 +0 +0 +0 {2}live +-$/);
  expect(objects(await kept(["status", "balances"], ledger, "--json"))).toMatchObject([{ name: "balances", lag: null, position: 2 }]);
});

test("the lag is of the projection's own events, and answers whether it is within bounds", async () => {
  const ledger = await keptLedger({ a: [1, 2] });
  expect(await defined(["lag", "balances"], ledger, "--max-events", "0", "--max-age", "1ms")).toMatchObject({
    status: 0,
    lines: ["balances lacks nothing."],
  });
  await enter(ledger, { a: [3] });
  expect(await defined(["lag", "balances"], ledger, "--max-events", "2", "--max-age", "1h")).toMatchObject({
    status: 0,
    lines: [expect.stringMatching(/^balances lacks 2 events, the oldest \d+ s old\.$/)],
  });
  const above = await defined(["lag", "balances"], ledger, "--max-events", "1", "--json");
  expect(above).toMatchObject({ status: 1, complaints: ["reactive-domain: balances is further behind than it may be."] });
  expect(objects(above)).toEqual([{ projection: "balances", events: 2, ms: expect.any(Number) as number, isWithin: false }]);
  expect(await defined(["lag", "balances"], ledger, "--max-age", "1ms")).toMatchObject({ status: 1 });
});

test("who waits is told when it has caught up, or with status 1 that it has not", async () => {
  const ledger = await keptLedger({ a: [1] });
  expect(await defined(["wait", "balances"], ledger)).toMatchObject({ status: 0, lines: ["balances has caught up."] });
  await enter(ledger, { a: [2] });
  expect(await defined(["wait", "balances"], ledger, "--timeout", "200ms")).toMatchObject({
    status: 1,
    lines: [],
    complaints: [expect.stringMatching(/^reactive-domain: Projection balances was to handle all events .* within 200 ms/)],
  });
});

test("what is parked is listed with its events, and replayed by position, by error, or all", async () => {
  const ledger = await ledgerWith({ a: [13, 2], b: [13], c: [5] });
  meddle({ LEDGER_FAILS_AT: "13" });
  await rebuildFirst(ledger, "--attempts", "1", "--accept-parked");
  const { lines } = await kept(["parked", "balances"], ledger, "--store", ledger.store);
  expect(lines[0]).toMatch(/^POSITION {2}ATTEMPTS {2}STATE +SINCE +TYPE +KEY {2}ERROR$/);
  expect(lines[1]).toMatch(/^ +0 +1 {2}parked +\d{4}-\S+Z {2}Entered {2}a +Error: bad luck$/);
  const since = expect.any(String) as string;
  const first = { position: 0, type: null, key: "a", state: "parked", attempts: 1, since, error: "Error: bad luck" };
  expect(objects(await kept(["parked", "balances"], ledger, "--limit", "1", "--json"))).toEqual([first]);
  expect(objects(await kept(["replay", "balances"], ledger, "--position", "7", "--json"))).toEqual([{ projection: "balances", events: 0 }]);
  expect(await kept(["replay", "balances"], ledger, "--error", "no such text")).toMatchObject({
    lines: ["balances: no such event is parked."],
  });
  expect((await kept(["replay", "balances"], ledger, "--position", "0", "--position", "7")).lines).toEqual([
    "balances: 1 event is to be tried again, by whoever works on it.",
  ]);
  expect(objects(await kept(["parked", "balances"], ledger, "--json"))).toMatchObject([
    { position: 0, state: "replay" },
    { position: 1, state: "waiting" },
    { position: 2, state: "parked" },
  ]);
  expect((await kept(["replay", "balances"], ledger, "--error", "luck", "--limit", "5")).lines).toEqual([
    "balances: 1 event is to be tried again, by whoever works on it.",
  ]);
});

test("more parked events than are read at once are all listed, or as many as are wanted", async () => {
  const ledger = await ledgerWith({ a: [13, ...Array.from({ length: 230 }, () => 1)] });
  meddle({ LEDGER_FAILS_AT: "13" });
  await rebuildFirst(ledger, "--attempts", "1", "--accept-parked");
  const positions = async (...more: readonly string[]): Promise<readonly number[]> =>
    (objects(await kept(["parked", "balances"], ledger, "--json", ...more)) as readonly { readonly position: number }[]).map(
      (one) => one.position,
    );
  const all = Array.from({ length: 231 }, (_, index) => index);
  expect(await positions()).toEqual(all);
  expect(await positions("--limit", "150")).toEqual(all.slice(0, 150));
});

test("a projection is paused and goes on, is put back, emptied, and told so", async () => {
  const ledger = await keptLedger({ a: [1] });
  expect((await kept(["pause", "balances"], ledger)).lines).toEqual(["balances: paused: no worker commits until it is resumed."]);
  expect(objects(await kept(["status", "balances"], ledger, "--json"))).toMatchObject([
    { state: "paused", pausedUntil: "9999-12-31T23:59:59.000Z" },
  ]);
  expect(objects(await kept(["resume", "balances"], ledger, "--json"))).toEqual([{ projection: "balances", isChanged: true }]);
  expect((await kept(["rollback", "balances"], ledger)).lines).toEqual([
    "balances: generation 1 (version 1) is live again, and goes on from where it was.",
  ]);
  expect((await kept(["discard", "balances", "retired"], ledger)).lines).toEqual(["balances: generation 2 is forgotten."]);
  expect(await kept(["rollback", "balances"], ledger)).toMatchObject({ status: 2, lines: [] });
});

test("a reset empties only when it is said to be meant", async () => {
  const ledger = await keptLedger({ a: [1] });
  expect(await kept(["reset", "balances"], ledger)).toMatchObject({
    status: 2,
    complaints: [expect.stringContaining("Say --yes if that is meant")],
  });
  expect(objects(await kept(["status", "balances"], ledger, "--json"))).toMatchObject([{ position: 1 }]);
  expect((await kept(["reset", "balances"], ledger, "--yes")).lines).toEqual(["balances: emptied; its worker begins anew."]);
  expect(objects(await kept(["status", "balances"], ledger, "--json"))).toMatchObject([{ position: null }]);
});

test("entries of one event for more keys than are read at once are all listed", async () => {
  const ledger = await keptLedger({ a: [1, 2] });
  const keys = Array.from({ length: 250 }, (_, index) => `key-${index}`);
  await using views = await openSqliteReadModels(ledger.views.slice("sqlite:".length));
  const ref = { projection: "balances", generation: 2 };
  const acquired = await views.projections.acquire({ ...ref, worker: "another", leaseMs: 60_000 });
  const [fence, revision] = "fence" in acquired ? [acquired.fence, acquired.record.revision] : [];
  const entries = [0, 1].flatMap((at) =>
    keys.map((key) => ({ position: position(at), key, state: "parked", attempts: 1, error: "no", size: 1 }) as const),
  );
  await views.projections.commit({
    ...ref,
    fence: fence as Fence,
    revision: revision as number,
    moves: [],
    handled: 0,
    entries,
    settled: [],
  });
  const listed = objects(await kept(["parked", "balances"], ledger, "--json")) as readonly {
    readonly position: number;
    readonly key: string;
  }[];
  expect(listed).toHaveLength(500);
  expect(new Set(listed.map((entry) => `${entry.position} ${entry.key}`)).size).toBe(500);
});
