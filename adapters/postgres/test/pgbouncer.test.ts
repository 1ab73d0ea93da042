import { position } from "@reactive-domain/core";
import { openPostgresStore, type PostgresEventStore } from "@reactive-domain/postgres";
import { newEvent } from "@reactive-domain/store-tests";
import { postgresServers, startPgBouncer, temporarySchema, whyNoPgBouncer } from "@reactive-domain/test-servers";
import { expect, it, type TestContext } from "vitest";

const [server] = await postgresServers();
const STORES = 3;
const WRITES = 40;

/** Where there is nothing to go through, the build must not be green. */
function refuseOrSkip({ skip }: TestContext): void {
  const reason = whyNoPgBouncer();
  if (reason === undefined) return;
  if (process.env["CI"] !== undefined) throw new Error(`No proof of pgbouncer: ${reason}.`);
  process.stderr.write(`skipped, no proof of pgbouncer: ${reason}.\n`);
  skip(reason);
}

it("works behind pgbouncer in transaction mode, without listening and kept statements", async (context) => {
  refuseOrSkip(context);
  const url = server?.url ?? "";
  const schema = temporarySchema(url);
  await using bouncer = await startPgBouncer(url);
  const open = (): Promise<PostgresEventStore> => openPostgresStore(bouncer.url, { schema, listen: false, prepare: false });
  const stores = [await open(), await open(), await open()];
  const [store, other] = stores as [PostgresEventStore, PostgresEventStore];
  const subscription = other.subscribe({ all: true });
  const following = (async () => {
    const seen: number[] = [];
    for await (const event of subscription.events()) if (seen.push(event.position) === STORES * WRITES) return seen;
    return seen;
  })();
  await Promise.all(
    stores.flatMap((one, index) =>
      Array.from({ length: WRITES }, (_, write) => one.append(`account-${index}-${write % 3}`, [newEvent()], { expectedVersion: "any" })),
    ),
  );
  expect(await following).toEqual(Array.from({ length: STORES * WRITES }, (_, place) => place));
  await subscription.close();

  await store.groups.create("mailer", { source: { all: true } });
  const deliveries = await other.groups.claim("mailer", { consumer: "one", maxEvents: 10 });
  await store.write([
    {
      kind: "settle",
      group: "mailer",
      deliveries: deliveries.map(({ position: place, fence }) => ({ position: place, fence, outcome: "acknowledge" })),
    },
  ]);
  const lease = await store.leases.acquire("worker", { owner: "one", durationMs: 60_000 });
  await other.transaction(async (client) => {
    await client.query("SELECT 1");
    return [{ kind: "checkpoint", name: "worker", expected: null, position: position(3), ...(lease && { fence: lease.fence }) }];
  });
  expect(await store.checkpoint("worker")).toBe(3);
  for (const one of stores) await one.close();
});
