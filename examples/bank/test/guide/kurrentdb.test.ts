import { AggregateRoot, boundedContext, connect, Event } from "@reactive-domain/foundation";
import { openKurrentStore } from "@reactive-domain/kurrentdb";
import { startServer } from "@reactive-domain/kurrentdb-server";
import { openSqliteStore } from "@reactive-domain/sqlite";
import { temporaryDirectory } from "@reactive-domain/store-tests/vitest";
import { join } from "node:path";
import { expect, it } from "vitest";

class Deposited extends Event("Deposited")<{ amountCents: number }> {}

class Account extends AggregateRoot {
  static readonly type = "Account";
  balanceCents = 0;

  constructor(id: string) {
    super(id);
    this.register(Deposited, ({ amountCents }) => {
      this.balanceCents += amountCents;
    });
  }

  deposit(amountCents: number): void {
    this.raise(new Deposited({ amountCents }));
  }
}

const banking = boundedContext("banking", { aggregates: [Account], events: [Deposited] });

it("an application works on a KurrentDB as on any store", async () => {
  await using kept = await openSqliteStore(join(temporaryDirectory(), "events.db"));
  await using server = await startServer(kept, { port: 0, insecure: true });
  const { url } = server;
  // #region connect
  await using store = await openKurrentStore(url); // such as kurrentdb://admin:secret@db.example.com:2113
  const bank = connect(banking, store);
  const accounts = bank.repository(Account);

  const account = new Account("a-1");
  account.deposit(100);
  await accounts.save(account);
  // #endregion
  expect((await accounts.getById("a-1")).balanceCents).toBe(100);
  // #region gaps
  const why = store.gaps.leases; // "KurrentDB has no leases"
  // #endregion
  expect(why).toBe("KurrentDB has no leases");
});
