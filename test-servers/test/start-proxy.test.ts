import { Client } from "pg";
import { describe, expect, onTestFinished, test } from "vitest";
import { postgresServers, temporarySchema, withClient } from "../src/postgres-servers.ts";
import type { PassingMessage } from "../src/proxy/breakpoints.ts";
import { startProxy, type Proxy, type ProxyOptions } from "../src/proxy/start-proxy.ts";

describe.each(await postgresServers())("a proxy before $name", ({ url }) => {
  async function proxied(options?: ProxyOptions): Promise<Proxy> {
    const proxy = await startProxy(url, options);
    onTestFinished(() => proxy[Symbol.asyncDispose]());
    return proxy;
  }

  async function connected(proxy: Proxy): Promise<Client> {
    const client = new Client({ connectionString: proxy.url });
    client.on("error", () => undefined);
    await client.connect();
    onTestFinished(() => client.end().catch(() => undefined));
    return client;
  }

  async function table(): Promise<string> {
    const schema = temporarySchema(url);
    await withClient(url, (client) => client.query(`CREATE SCHEMA ${schema}; CREATE TABLE ${schema}.kept (number int)`));
    return `${schema}.kept`;
  }

  const numbers = (name: string): Promise<readonly number[]> =>
    withClient(url, async (client) =>
      (await client.query<{ number: number }>(`SELECT number FROM ${name} ORDER BY number`)).rows.map((row) => row.number),
    );

  const insert = (client: Client, name: string, number: number): Promise<string> =>
    client.query(`INSERT INTO ${name} VALUES ($1)`, [number]).then(() => "done", String);

  const letters = (seen: readonly PassingMessage[]): string => seen.map(({ type }) => type).join(" ");

  test("it passes on what is said, however long", async () => {
    const client = await connected(await proxied());
    const long = "x".repeat(3_000_000);
    const { rows } = await client.query<{ long: string }>("SELECT $1::text AS long", [long]);
    expect(rows[0]?.long).toBe(long);
  });

  test("it counts the connections that are open, and cuts them", async () => {
    const proxy = await proxied();
    const clients = [await connected(proxy), await connected(proxy)];
    expect(proxy.connections).toBe(2);
    const ended = Promise.all(clients.map((client) => new Promise((resolve) => client.once("end", resolve))));
    proxy.cut();
    await ended;
    expect(proxy.connections).toBe(0);
    await connected(proxy);
    expect(proxy.connections).toBe(1);
  });

  test("a cut is an end, or a reset", async () => {
    for (const [cutKind, said] of [
      ["end", "Connection terminated unexpectedly"],
      ["reset", "ECONNRESET"],
    ] as const) {
      const proxy = await proxied({ cutKind });
      const client = await connected(proxy);
      proxy.cutAt(1);
      expect(await insert(client, await table(), 1)).toContain(said);
    }
  });

  test("a cut at every place of a write: what is acknowledged is there, and the server knows all that has passed", async () => {
    const name = await table();
    const proxy = await proxied();
    const outcomes: string[] = [];
    for (let place = 1, reached = true; reached; place++) {
      const client = await connected(proxy);
      const cut = proxy.cutAt(place);
      const outcome = await insert(client, name, place);
      reached = cut.reached;
      cut.remove();
      outcomes.push(`${letters(cut.seen)}: ${outcome}`);
    }
    expect(outcomes.at(-1)).toBe("P B D E S 1 2 n C Z: done");
    expect(outcomes.slice(0, -1)).toEqual(
      ["P", "P B", "P B D", "P B D E", "P B D E S", "P B D E S 1", "P B D E S 1 2", "P B D E S 1 2 n", "P B D E S 1 2 n C"]
        .concat("P B D E S 1 2 n C Z")
        .map((seen) => `${seen}: Error: Connection terminated unexpectedly`),
    );
    expect(await numbers(name)).toEqual([6, 7, 8, 9, 10, 11]);
  });

  test("a connection is cut where some of the messages are counted", async () => {
    const name = await table();
    const proxy = await proxied();
    const client = await connected(proxy);
    const cut = proxy.cutAt(2, ({ direction, type }) => direction === "toServer" && type === "S");
    expect(await insert(client, name, 1)).toBe("done");
    expect(cut.reached).toBe(false);
    expect(await insert(client, name, 2)).toContain("terminated");
    expect(cut.reached).toBe(true);
    expect(await numbers(name)).toEqual([1]);
  });

  test("a connection is cut in the middle of a message", async () => {
    const proxy = await proxied();
    const client = await connected(proxy);
    const cut = proxy.cutAfter({ direction: "toClient", bytes: 1000 });
    await expect(client.query("SELECT repeat('x', 2000)")).rejects.toThrow("terminated");
    expect(cut.reached).toBe(true);
    expect(letters(cut.seen)).toBe("T D");
  });

  test("a connection is held at a place until it may go on", async () => {
    const name = await table();
    const proxy = await proxied();
    const client = await connected(proxy);
    const hold = proxy.holdAt(1, ({ type }) => type === "C");
    const inserting = insert(client, name, 1);
    await hold.untilReached();
    expect(await numbers(name)).toEqual([1]);
    expect(await Promise.race([inserting, Promise.resolve("waits")])).toBe("waits");
    proxy.resume();
    expect(await inserting).toBe("done");
  });

  test("what is on its way is held back in one direction", async () => {
    const name = await table();
    const proxy = await proxied();
    const client = await connected(proxy);
    proxy.pause("toServer");
    const inserting = insert(client, name, 1);
    expect(await numbers(name)).toEqual([]);
    proxy.resume("toServer");
    expect(await inserting).toBe("done");
  });

  test("new connections are refused, and the open one stays", async () => {
    const proxy = await proxied();
    const client = await connected(proxy);
    await proxy.refuse(true);
    await expect(connected(proxy)).rejects.toThrow("ECONNREFUSED");
    expect((await client.query("SELECT 1")).rowCount).toBe(1);
    await proxy.refuse(false);
    await connected(proxy);
    expect(proxy.connections).toBe(2);
  });

  test("it has no encryption, and says so", async () => {
    const proxy = await proxied();
    await expect(withClient(`${proxy.url}?sslmode=verify-full`, async () => undefined)).rejects.toThrow("does not support SSL");
  });
});
