import { openPostgresStore } from "@reactive-domain/postgres";
import { newSchema, postgresServers, temporarySchema, withClient } from "@reactive-domain/test-servers";
import { describe, expect, test, vi } from "vitest";
import { startCommandLine } from "./command-line.ts";
import { command, defined, enterInto, kept, LEDGER, meddle, objects, type Entries, type Ledger } from "./ledgers.ts";

vi.setConfig({ testTimeout: 120_000 });

describe.each(await postgresServers())("projections on $name", ({ url: server }) => {
  /** The URL of a schema, with a password that the server does not ask for. */
  function urlOf(schema: string): string {
    const url = new URL(server);
    url.password = "secret";
    url.searchParams.set("schema", schema);
    url.searchParams.set("tablePrefix", "x_");
    return url.href;
  }

  async function ledgerWith(entries: Entries): Promise<Ledger> {
    const ledger = { store: urlOf(temporarySchema(server)), views: urlOf(temporarySchema(server)) };
    await enter(ledger, entries);
    return ledger;
  }

  async function enter({ store }: Ledger, entries: Entries): Promise<void> {
    await using opened = await openPostgresStore(store);
    await enterInto(opened, entries);
  }

  test("a rebuild in lanes, a key, a verification, what is parked, and the way back", async () => {
    const ledger = await ledgerWith({ a: [1, 2], b: [13], c: [4] });
    meddle({ LEDGER_FAILS_AT: "13" });
    const rebuilt = await defined(
      ["rebuild", "balances"],
      ledger,
      "--lanes",
      "2",
      "--attempts",
      "1",
      "--accept-parked",
      "--compare",
      "--json",
    );
    const tables = [{ table: "balances", rows: [0, 2], onlyOne: { count: 0, samples: [] }, onlyOther: { count: 2 } }];
    expect(objects(rebuilt)).toMatchObject([{ generation: 2, handled: 3, parked: 1, isSwapped: true, differences: 2, tables }]);
    expect(objects(await kept(["parked", "balances"], ledger, "--store", ledger.store, "--json"))).toMatchObject([
      { position: 2, type: "Entered", key: "b", state: "parked", error: "Error: bad luck" },
    ]);
    const [told] = objects(await kept(["status", "balances"], ledger, "--json"));
    expect(told).toMatchObject({ parked: 1, generations: [{ lanes: [null] }, { lanes: [expect.any(Number), expect.any(Number)] }] });
    vi.unstubAllEnvs();
    expect(objects(await defined(["rebuild", "balances"], ledger, "--key", "b", "--json"))).toMatchObject([{ key: "b", events: 1 }]);
    expect(await defined(["verify", "balances"], ledger)).toMatchObject({
      status: 0,
      lines: ["balances: 3 rows kept, 3 in a fresh fold; no difference"],
    });
    expect(await kept(["rollback", "balances"], ledger)).toMatchObject({ status: 0 });
    expect(await defined(["lag", "balances"], ledger, "--max-events", "1")).toMatchObject({ status: 1 });
  });

  test("one runs until it is told to end", async () => {
    const ledger = await ledgerWith({ a: [1, 2] });
    const words = ["projection", "run", "balances", "--module", LEDGER, "--every", "100ms"];
    const { child, ended } = startCommandLine([...words, "--store", ledger.store, "--views", ledger.views]);
    let output = "";
    child.stdout?.on("data", (text: Buffer) => (output += text.toString()));
    await vi.waitFor(async () => expect(await defined(["wait", "balances"], ledger)).toMatchObject({ status: 0 }), { timeout: 60_000 });
    await vi.waitFor(() => expect(output).toContain("live, position"), { timeout: 60_000 });
    child.kill("SIGINT");
    expect(await ended).toMatchObject({
      status: 0,
      errors: "",
      output: expect.stringMatching(/Z balances: live, position \d+, lacks nothing, 0 parked/),
    });
  });

  test("a place without projections is listed as such, and nothing is made there", async () => {
    const schema = newSchema();
    expect(await command(["projection", "list", "--views", urlOf(schema), "--json"])).toMatchObject({ status: 0, lines: [] });
    const { status, complaints } = await command(["projection", "pause", "balances", "--views", urlOf(schema)]);
    expect(status).toBe(2);
    expect(complaints).toEqual([
      expect.stringMatching(/^reactive-domain: postgres:\/\/\w+:\*\*\*@.* keeps no projection balances\. There is none\.$/),
    ]);
    const { rows } = await withClient(server, (client) => client.query("SELECT to_regnamespace($1) AS schema", [schema]));
    expect(rows).toEqual([{ schema: null }]);
  });
});
