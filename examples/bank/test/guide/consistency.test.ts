import {
  answerFrom,
  caughtUp,
  Command,
  connect,
  createCommandBus,
  createInMemoryStore,
  createQueryBus,
  mergeTokens,
  ObservableProperty,
  Query,
  readAfter,
  ReactiveDomainError,
  ReadModelBase,
  type CommandBus,
  type ConnectedContext,
  type QueryBus,
  type ReadableProperty,
} from "@reactive-domain/foundation";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { Account, AmountDeposited, banking } from "../first-steps/account.ts";
import { Balances } from "../first-steps/balances.ts";

class BalanceOf extends Query("BalanceOf")<{ accountId: string }, { balance: number }> {}

// #region command
class Deposit extends Command("Deposit")<{ accountId: string; amount: number }, { token: string }> {}

function handleCommands(commands: CommandBus, bank: ConnectedContext): void {
  const accounts = bank.correlatedRepository(Account);
  commands.handle(Deposit, async (command) => {
    const saved = await accounts.update(command.accountId, command, (account) => account.deposit(command.amount));
    return { token: await bank.tokenOf(saved) };
  });
}
// #endregion

// #region query
function handleQueries(queries: QueryBus, balances: Balances): void {
  queries.handle(
    BalanceOf,
    answerFrom(balances, ({ accountId }) => ({ balance: balances.of(accountId) })),
  );
}
// #endregion

// #region http
function createBankServer(commands: CommandBus, queries: QueryBus): Server {
  return createServer((request, response) => {
    answer(request, response, commands, queries).catch((error: unknown) => {
      const { code, retryable } = error instanceof ReactiveDomainError ? error : { code: "error", retryable: false };
      const isBadToken = ["invalid-token", "foreign-token", "ahead-of-log"].includes(code);
      response.writeHead(isBadToken ? 400 : retryable ? 503 : 500).end(code);
    });
  });
}

// POST /a-1/100 deposits 100, and answers with a token; GET /a-1 tells the balance, and demands the token that it was given.
async function answer(request: IncomingMessage, response: ServerResponse, commands: CommandBus, queries: QueryBus): Promise<void> {
  const [, accountId = "", amount] = request.url?.split("/") ?? [];
  if (request.method === "POST") {
    const { token } = await commands.send(new Deposit({ accountId, amount: Number(amount) }));
    response.writeHead(204, { "consistency-token": token }).end();
    return;
  }
  const query = new BalanceOf({ accountId });
  const token = request.headers["consistency-token"];
  if (typeof token === "string") readAfter.write(query, token);
  const { balance } = await queries.ask(query);
  response.end(String(balance));
}
// #endregion

async function openBank(): Promise<{ readonly bank: ConnectedContext; readonly balances: Balances }> {
  const store = createInMemoryStore();
  const bank = connect(banking, store);
  const account = new Account("a-1");
  account.open("Ann");
  await bank.repository(Account).save(account);
  const balances = new Balances();
  await balances.start(bank.category(Account));
  await balances.live;
  onTestFinished(() => balances.close());
  return { bank, balances };
}

it("a position is waited for within a process", async () => {
  const { bank, balances } = await openBank();
  const accounts = bank.repository(Account);
  // #region position
  const saved = await accounts.update("a-1", (account) => account.deposit(100));
  if (saved.position !== null) await balances.caughtUpTo(saved.position, { timeoutMs: 1_000 });
  const balance = balances.of("a-1"); // has it
  // #endregion
  expect(balance).toBe(100);
});

it("several models are waited for", async () => {
  const { bank, balances } = await openBank();
  await using statistics = new Balances();
  await statistics.start(bank.category(Account));
  await bank.repository(Account).update("a-1", (account) => account.deposit(100));
  // #region barrier
  await caughtUp([balances, statistics], { timeoutMs: 1_000 }); // both have handled all that was committed before
  // #endregion
  expect([balances.of("a-1"), statistics.of("a-1")]).toEqual([100, 100]);
});

it("a query demands what was written", async () => {
  const { bank, balances } = await openBank();
  const commands = createCommandBus();
  const queries = createQueryBus();
  handleCommands(commands, bank);
  handleQueries(queries, balances);
  // #region demand
  const { token } = await commands.send(new Deposit({ accountId: "a-1", amount: 100 }));
  const { balance } = await queries.ask(readAfter.write(new BalanceOf({ accountId: "a-1" }), token)); // has it
  // #endregion
  expect(balance).toBe(100);
  const session: { token?: string } = {};
  // #region merge
  session.token = mergeTokens(session.token, token); // what this user has written so far, in any context
  // #endregion
  expect(session.token).toBe(token);
});

it("a token survives HTTP headers", async () => {
  const { bank, balances } = await openBank();
  const commands = createCommandBus();
  const queries = createQueryBus();
  handleCommands(commands, bank);
  handleQueries(queries, balances);
  const server = createBankServer(commands, queries);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  for (let sum = 100; sum <= 1_000; sum += 100) {
    // #region client
    const posted = await fetch(`${address}/a-1/100`, { method: "POST" });
    const token = posted.headers.get("consistency-token") ?? "";
    const got = await fetch(`${address}/a-1`, { headers: { "consistency-token": token } });
    // #endregion
    expect(await got.text()).toBe(String(sum));
  }
  const refused = await fetch(`${address}/a-1`, { headers: { "consistency-token": "rubbish" } });
  expect([refused.status, await refused.text()]).toEqual([400, "invalid-token"]);
  expect(await (await fetch(`${address}/a-1`)).text()).toBe("1000");
});

it("a model tells of a value that changes", async () => {
  // #region property
  class Statistics extends ReadModelBase {
    readonly #total = new ObservableProperty(0);
    readonly total: ReadableProperty<number> = this.#total; // to look at, not to set

    constructor() {
      super();
      this.on(AmountDeposited, ({ amount }) => this.#total.set(this.#total.value + amount));
    }
  }
  // #endregion
  const { bank } = await openBank();
  await using statistics = new Statistics();
  await statistics.start(bank.category(Account));
  const shown: number[] = [];
  const show = (total: number): void => void shown.push(total);
  const { signal } = new AbortController();
  // #region subscribe
  const stop = statistics.total.subscribe((total) => show(total)); // the value now, at once, and each newer one
  // #endregion
  await bank.repository(Account).update("a-1", (account) => account.deposit(100));
  await statistics.caughtUp();
  stop();
  expect(shown).toEqual([0, 100]);
  // #region changes
  for await (const total of statistics.total.changes({ signal })) {
    show(total); // the value now, then each time the newest, however long this takes
    if (total >= 100) break;
  }
  // #endregion
  expect(shown).toEqual([0, 100, 100]);
});
