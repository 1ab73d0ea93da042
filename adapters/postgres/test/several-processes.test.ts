import { openPostgresStore } from "@reactive-domain/postgres";
import { collect } from "@reactive-domain/store-tests";
import { expectContains, expectNoHoles, SEVERAL_PROCESSES, testStores, writtenBy } from "@reactive-domain/store-tests/vitest";
import { postgresServers } from "@reactive-domain/test-servers";
import { describe, expect, test, vi } from "vitest";
import { postgresStores } from "./postgres-stores.ts";
import { startProgram } from "./processes/start-program.ts";
import { storePlace } from "./processes/store-place.ts";

vi.setConfig({ testTimeout: 60_000 });

describe.each(await postgresServers())("$name", ({ url: server }) => {
  testStores(SEVERAL_PROCESSES, postgresStores(server));

  test("processes that write the same streams by their versions are told the truth about every conflict", async () => {
    const url = storePlace(server);
    await using store = await openPostgresStore(url);
    const rivals = Array.from({ length: 4 }, () => startProgram("child-rival.ts", url, 3, 150));
    expect(await Promise.all(rivals.map(({ ended }) => ended))).toEqual([0, 0, 0, 0]);

    const events = await collect(store, { all: true });
    expectNoHoles(events);
    for (const rival of rivals) expectContains(events, writtenBy(rival));
    const lines = rivals.flatMap(({ said }) => said);
    const idsOf = (word: string): readonly (string | undefined)[] => lines.filter(([first]) => first === word).map((line) => line.at(-1));
    expect(new Set(events.map(({ id }) => id))).toEqual(new Set(idsOf("written")));
    const refused = lines.filter(([word]) => word === "refused");
    expect(refused.length).toBeGreaterThan(100);
    // A stream only grows: what is told is newer than what was believed.
    for (const [, , expected, actual] of refused) expect(Number(actual)).toBeGreaterThan(Number(expected));
  });
});
