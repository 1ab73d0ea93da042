import { openSqliteReadModels } from "@reactive-domain/sqlite";
import { expect, test, vi } from "vitest";
import { command, defined, kept, keptLedger, meddle, objects } from "./ledgers.ts";

vi.setConfig({ testTimeout: 60_000 });

test("a rebuild tells what it made, and how that differs from what answered before", async () => {
  const ledger = await keptLedger({ a: [1, 2], b: [3] });
  meddle({ LEDGER_RAISE: "10" });
  const { status, lines } = await defined(["rebuild", "balances"], ledger, "--compare");
  expect(status).toBe(0);
  expect(lines[0]).toMatch(/^balances: 3 events, 0 parked, \d+\.\d s\. Generation 3 is live\.$/);
  expect(lines.slice(1)).toEqual([
    "balances: 2 rows before, 2 now; 2 only before, 2 only now",
    '  only before: {"account":"a","balance":3}',
    '  only before: {"account":"b","balance":3}',
    '  only now: {"account":"a","balance":23}',
    '  only now: {"account":"b","balance":13}',
  ]);
  const told = objects(await defined(["rebuild", "balances"], ledger, "--compare", "--json"));
  const table = { table: "balances", rows: [2, 2], onlyOne: { count: 0, samples: [] }, onlyOther: { count: 0, samples: [] } };
  const durationMs = expect.any(Number) as number;
  const result = { projection: "balances", handled: 3, parked: 0, isSwapped: true, durationMs };
  expect(told).toEqual([{ ...result, generation: 4, differences: 0, tables: [table] }]);
  const bare = objects(await defined(["rebuild", "balances"], ledger, "--json"));
  expect(bare).toEqual([{ ...result, generation: 5, differences: null, tables: null }]);
});

test("a rebuild that is not to be swapped is kept, and gone on with, or forgotten", async () => {
  const ledger = await keptLedger({ a: [1] });
  const { lines } = await defined(["rebuild", "balances"], ledger, "--no-swap");
  expect(lines).toEqual([expect.stringMatching(/Generation 3 is built, and not live: rebuild without --no-swap puts it in its place/)]);
  expect((await defined(["rebuild", "balances"], ledger)).lines).toEqual([expect.stringMatching(/Generation 3 is live\.$/)]);
  await defined(["rebuild", "balances"], ledger, "--no-swap");
  expect((await kept(["discard", "balances", "building"], ledger)).lines).toEqual(["balances: generation 4 is forgotten."]);
  expect(objects(await kept(["discard", "balances", "building"], ledger, "--json"))).toEqual([
    { projection: "balances", isChanged: false },
  ]);
});

test("events that fail are told when they fail first and when they are parked; more of them than before are not swapped in", async () => {
  const ledger = await keptLedger({ a: [1, 13, 2], b: [3] });
  meddle({ LEDGER_FAILS_AT: "13" });
  const { status, told, complaints } = await defined(["rebuild", "balances"], ledger, "--attempts", "3");
  expect(status).toBe(1);
  expect(told.filter((line) => line.includes("at position"))).toEqual([
    "balances: Entered at position 1, key a, failed at attempt 1: Error: bad luck",
    "balances: Entered at position 1, key a, is parked after 3 attempts: Error: bad luck",
  ]);
  expect(complaints).toEqual([expect.stringContaining("it has 1 parked events, where the live one has 0.")]);
  const building = await kept(["parked", "balances"], ledger, "--building", "--json");
  expect(objects(building)).toMatchObject([{ position: 1 }, { position: 2 }]);
  expect(await kept(["parked", "balances"], ledger)).toMatchObject({
    status: 0,
    lines: ["POSITION  ATTEMPTS  STATE  SINCE  TYPE  KEY  ERROR"],
  });
  expect((await defined(["rebuild", "balances"], ledger, "--accept-parked")).lines).toEqual([
    expect.stringMatching(/^balances: 2 events, 1 parked, .* Generation 3 is live\.$/),
  ]);
});

test("a projection that is to stop when an event fails stops its rebuild, with status 1", async () => {
  const ledger = await keptLedger({ a: [13] });
  meddle({ LEDGER_FAILS_AT: "13" });
  const { status, complaints } = await defined(["rebuild", "balances"], ledger, "--attempts", "1", "--finally", "stop");
  expect(status).toBe(1);
  expect(complaints).toEqual([
    expect.stringMatching(/^reactive-domain: Projection balances has stopped: Entered at position 0 failed \(bad luck\)/),
  ]);
});

test("one key is made anew alone; what cannot forget a key is refused", async () => {
  const ledger = await keptLedger({ a: [1, 2], b: [3] });
  meddle({ LEDGER_RAISE: "10" });
  expect((await defined(["rebuild", "balances"], ledger, "--key", "a")).lines).toEqual(["balances: key a is made anew of 2 events."]);
  expect(objects(await defined(["rebuild", "balances"], ledger, "--key", "b", "--json"))).toEqual([
    { projection: "balances", key: "b", events: 1 },
  ]);
  vi.stubEnv("LEDGER_RAISE", "0");
  const verified = objects(await defined(["verify", "balances"], ledger, "--json"));
  expect(verified).toMatchObject([{ isEqual: false, differences: 4 }]);
  expect(await defined(["rebuild", "totals"], ledger)).toMatchObject({ status: 0 });
  expect(await defined(["rebuild", "totals"], ledger, "--key", "a")).toMatchObject({
    status: 2,
    complaints: [expect.stringContaining("totals must be one that can forget what it made of a key")],
  });
});

test("what is kept is held against a fresh fold, with samples of what differs and status 1", async () => {
  const ledger = await keptLedger({ a: [1], b: [2] });
  expect(await defined(["verify", "balances"], ledger)).toMatchObject({
    status: 0,
    complaints: [],
    lines: ["balances: 2 rows kept, 2 in a fresh fold; no difference"],
  });
  meddle({ LEDGER_RAISE: "1" });
  expect(await defined(["verify", "balances"], ledger, "--samples", "1")).toMatchObject({
    status: 1,
    lines: [
      "balances: 2 rows kept, 2 in a fresh fold; 2 only kept, 2 only in a fresh fold",
      '  only kept: {"account":"a","balance":1}',
      '  only in a fresh fold: {"account":"a","balance":2}',
    ],
    complaints: ["reactive-domain: balances is not what a fresh fold of the log makes: 4 rows differ."],
  });
  expect((await kept(["list"], ledger)).lines[1]).toMatch(/ 1 retired, 2 live /);
});

test("a rebuild that another worker has is waited for, which is told, and taken over when that has gone", async () => {
  const ledger = await keptLedger({ a: [1, 2] });
  await defined(["rebuild", "balances"], ledger, "--no-swap");
  const views = await openSqliteReadModels(ledger.views.slice("sqlite:".length));
  await views.projections.acquire({ projection: "balances", generation: 3, worker: "another", leaseMs: 1_500 });
  await views.close();
  const { status, lines, told } = await defined(["rebuild", "balances"], ledger);
  expect(status).toBe(0);
  expect(told[0]).toBe("balances is being built by another already, which is waited for.");
  expect(lines).toEqual([expect.stringMatching(/Generation 3 is live\.$/)]);
});

test("a context is connected as its module says", async () => {
  const { store, views } = await keptLedger({ a: [1, 2] });
  const module = "packages/tools/test/modules/renamed-ledger.ts";
  const rebuilt = await command([
    "projection",
    "rebuild",
    "balances",
    "--module",
    module,
    "--store",
    store,
    "--views",
    views,
    "--no-swap",
    "--json",
  ]);
  expect(objects(rebuilt)).toMatchObject([{ handled: 0 }]);
});
