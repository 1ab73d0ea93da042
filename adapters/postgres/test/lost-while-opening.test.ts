import { openPostgresStore } from "@reactive-domain/postgres";
import { postgresServers, startProxy, temporarySchema } from "@reactive-domain/test-servers";
import { describe, expect, test, vi } from "vitest";

vi.setConfig({ testTimeout: 60_000 });

type Counts = NonNullable<Parameters<Awaited<ReturnType<typeof startProxy>>["cutAt"]>[1]>;

/** What is asked, and the ends of what is answered. */
const counts: Counts = ({ direction, type }) => direction === "toServer" || type === "Z";

describe.each(await postgresServers())("$name", ({ url }) => {
  test("a connection that is lost while a store is opened is a refusal, and does not end the process; another try makes the store", async () => {
    const schema = temporarySchema(url);
    await using proxy = await startProxy(url);
    const open = async (): Promise<string> => {
      try {
        await using store = await openPostgresStore(proxy.url, { schema });
        return (await store.streamInfo("account-1")).state;
      } catch (error) {
        const { code, retryable } = error as { readonly code?: string; readonly retryable?: boolean };
        return code === undefined ? String(error) : `${code} ${retryable}`;
      }
    };
    let places = 0;
    for (let reached = true; reached; places++) {
      const cut = proxy.cutAt(places + 1, counts);
      const outcome = await open();
      reached = cut.reached;
      cut.remove();
      expect([places, ["missing", "store-unavailable true"].includes(outcome) ? "" : outcome]).toEqual([places, ""]);
    }
    expect(places).toBeGreaterThan(10);
    expect(await open()).toBe("missing");
  });
});
