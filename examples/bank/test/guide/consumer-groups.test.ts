import { connect, createInMemoryStore, ParkEvent, type ConnectedContext, type Position } from "@reactive-domain/foundation";
import { expect, it } from "vitest";
import { Account, AccountOpened, AmountDeposited, banking } from "../first-steps/account.ts";

const sent: string[] = [];
const mail = async (text: string): Promise<void> => void sent.push(text);

async function openBank(): Promise<{ readonly bank: ConnectedContext; readonly position: Position | null }> {
  sent.length = 0;
  const bank = connect(banking, createInMemoryStore());
  const account = new Account("a-1");
  account.open("Ann");
  for (const amount of [100, 20]) account.deposit(amount);
  const { position } = await bank.repository(Account).save(account);
  return { bank, position };
}

it("a group mails", async () => {
  const { bank } = await openBank();
  // #region mailer
  const mailer = bank
    .group("mailer")
    .on(AccountOpened, (event) => mail(`Welcome, ${event.owner}`))
    .on(AmountDeposited, async (event, { attempt, signal }) => {
      signal.throwIfAborted(); // the delivery was lost, or the program ends
      await mail(`${event.amount} for ${event.accountId}, attempt ${attempt}`);
    });
  await mailer.start(); // makes the group where there is none, and joins it
  // #endregion
  await mailer.caughtUp();
  expect(sent).toEqual(["Welcome, Ann", "100 for a-1, attempt 1", "20 for a-1, attempt 1"]);
  // #region close
  await mailer.close(); // takes nothing new, finishes what is in hand, gives back the rest
  // #endregion
});

it("a group is defined once, and each consumer works as it likes", async () => {
  const { bank } = await openBank();
  const reported: unknown[] = [];
  const report = (...facts: readonly unknown[]): number => reported.push(facts);
  // #region options
  await using mailer = bank
    .group("mailer", {
      of: bank.category(Account), // default: bank.all()
      types: [AmountDeposited], // default: all; what no handler wants is skipped
      from: "start", // or "end", or after(position)
      orderBy: "stream", // or "correlation", or "none"
      maxAttempts: 5,
      retryDelayMs: 1_000, // doubles with each attempt
      behindParked: "wait", // or "pass"
    })
    .on(AmountDeposited, (event) => mail(event.accountId));
  await mailer.start({
    consumer: `mail-host-7:${process.pid}`,
    maxInFlight: 16, // handlers at a time in this process
    acknowledge: { upTo: 100 }, // or "each"
    onParked: ({ event, error }) => report(event.position, error),
    onFault: (error) => report(error),
  });
  // #endregion
  await mailer.caughtUp();
  expect(sent).toEqual(["a-1", "a-1"]);
  expect(reported).toEqual([]);
});

it("what handling leads to is written with the acknowledgement", async () => {
  const { bank } = await openBank();
  // #region append
  await using bonus = bank.group("bonus", { types: [AmountDeposited] }).on(AmountDeposited, async (event, context) => {
    const stream = bank.streamNames.forAggregate(Account.type, `bonus-of-${event.accountId}`);
    if (event.amount >= 100) await context.append(stream, [new AmountDeposited({ accountId: "bonus", amount: 5 })]);
  });
  // #endregion
  await bonus.start();
  await bonus.caughtUp();
  const amounts: number[] = [];
  for await (const { data } of bank.store.read({ category: bank.streamNames.forCategory(Account.type) }))
    amounts.push((JSON.parse(String(data)) as { amount?: number }).amount ?? 0);
  expect(amounts).toEqual([0, 100, 20, 5]);
});

it("parked events are looked at and replayed", async () => {
  const { bank } = await openBank();
  const reported: unknown[] = [];
  const report = (...facts: readonly unknown[]): number => reported.push(facts);
  let hasAddress = false;
  // #region parked
  await using mailer = bank.group("mailer", { behindParked: "pass" }).on(AmountDeposited, async (event) => {
    if (!hasAddress) throw new ParkEvent(`no address of ${event.accountId}`); // at once; any other error is tried again
    await mail(event.accountId);
  });
  // #endregion
  await mailer.start();
  await mailer.caughtUp();
  hasAddress = true;
  // #region replay
  for (const { event, error, attempts } of await mailer.parked()) report(event.position, error, attempts);
  const count = await mailer.replayParked({ error: "no address" }); // or positions, or all
  // #endregion
  await mailer.caughtUp();
  expect(count).toBe(2);
  expect(reported).toEqual([1, 2].map((place) => [place, "park-event: no address of a-1", 1]));
  expect(sent).toEqual(["a-1", "a-1"]);
});

it("a group tells how it is", async () => {
  const { bank, position } = await openBank();
  await using mailer = bank.group("mailer").on(AmountDeposited, (event) => mail(event.accountId));
  await mailer.start();
  // #region health
  await mailer.caughtUp({ timeoutMs: 5_000 }); // all consumers together
  const { events, ms } = await mailer.lag(); // committed, and neither settled nor parked
  const { status, acknowledged, failed, parked, lost, busyWith } = mailer.health; // of this consumer
  const { settledUpTo, waiting, claimed } = await mailer.status(); // of the group
  // #endregion
  expect({ events, ms, status, acknowledged, failed, parked, lost, busyWith }).toEqual({
    events: 0,
    ms: 0,
    status: "live",
    acknowledged: 2,
    failed: 0,
    parked: 0,
    lost: 0,
    busyWith: null,
  });
  expect({ settledUpTo, waiting, claimed }).toEqual({ settledUpTo: position, waiting: 0, claimed: 0 });
});
