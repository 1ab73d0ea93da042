import {
  connect,
  createHealth,
  createInMemoryStore,
  createListener,
  healthHandler,
  ReadModelBase,
  shareFeed,
  type Reporting,
} from "@reactive-domain/foundation";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { Account, AmountDeposited, banking } from "../first-steps/account.ts";

class Balances extends ReadModelBase {
  readonly #balances = new Map<string, number>();
  constructor() {
    super();
    this.on(AmountDeposited, (event) => this.#balances.set(event.accountId, event.amount));
  }
}

async function openBank() {
  const bank = connect(banking, createInMemoryStore());
  const accounts = bank.repository(Account);
  const account = new Account("a-1");
  account.open("Ann");
  account.deposit(100);
  await accounts.save(account);
  return bank;
}

it("a health knows how all that works on events is", async () => {
  const bank = await openBank();
  await using balances = new Balances();
  await using sums = new Balances();
  await using announcements = createListener(bank.category(Account), { name: "announcements" });
  const shared = shareFeed(bank.category(Account));
  shared.attach(sums);
  // #region health
  const health = createHealth([balances, announcements, shared]);
  await Promise.all([balances.start(bank.category(Account)), announcements.start(), shared.start()]);
  const { status, workers, alarms, isReady } = await health.report();
  // #endregion
  await Promise.all([balances.live, announcements.live, shared.live]);
  expect(workers).toHaveLength(3);
  expect({ status, alarms, isReady: typeof isReady }).toEqual({ status: "ok", alarms: [], isReady: "boolean" });

  const importer = { backlog: [5, 6], last: 4, lastMs: 0 };
  const now = 10;
  // #region reporting
  const imports: Reporting = {
    report: async () => [
      {
        kind: "listener",
        name: "imports",
        feed: null,
        status: "live",
        position: importer.last,
        lag: { events: importer.backlog.length, ms: 0 },
        progressAgeMs: now - importer.lastMs,
        parked: 0,
        failing: 0,
        error: undefined,
      },
    ],
  };
  health.add(imports);
  // #endregion
  expect((await health.report()).workers.at(-1)).toMatchObject({ name: "imports", position: 4, isReady: true });
  // #region serve
  const server = createServer(healthHandler(health));
  server.listen(0, "127.0.0.1"); // a port of its own, which nobody reaches from outside
  // #endregion
  await new Promise((resolve) => {
    server.once("listening", resolve);
  });
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  // #region ask
  const answer = await fetch(`${url}/health`);
  const body = await answer.json(); // { status: "ok", alarms: [], workers: [{ kind: "read-model", name: "Balances", ... }] }
  // #endregion
  expect([answer.status, body]).toMatchObject([
    200,
    { status: "ok", alarms: [], workers: [{ name: "Balances", lag: { events: 0 } }, {}, {}, {}] },
  ]);
  const metrics = await (await fetch(`${url}/metrics`)).text();
  expect(metrics).toContain('reactive_domain_worker_position{kind="read-model",name="Balances",feed="category Account of banking"} 1');
  expect(await (await fetch(`${url}/health/ready`)).json()).toEqual({ status: "ok", because: [] });
  server.closeAllConnections();
  server.close();
});
