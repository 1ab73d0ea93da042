import {
  Command,
  createBatchQueue,
  createCommandBus,
  createEventBus,
  createMessageQueue,
  createMessageTimers,
  currentRuntime,
  Event,
  type MessageQueue,
} from "@reactive-domain/foundation";
import { createTestRuntime } from "@reactive-domain/testing";
import { expect, it } from "vitest";

class AmountDeposited extends Event("AmountDeposited")<{ accountId: string; amount: number }> {}
class Transfer extends Command("Transfer")<{ from: string; to: string; amount: number }, { accepted: boolean }> {}
class RemindCustomer extends Command("RemindCustomer")<{ accountId: string }> {}

const sent: string[] = [];
const send = async (accountId: string): Promise<void> => void sent.push(accountId);

it("a queue takes the place of a handler", async () => {
  const events = createEventBus();
  const commands = createCommandBus();
  // #region queue
  const mails = createMessageQueue("mails", async (event: AmountDeposited) => send(event.accountId), {
    capacity: 1_000, // how many may wait
    parallelism: 8, // how many are handled at once
    partitionBy: (event) => event.accountId, // those of one account one after another, in their order
  });
  events.subscribe(AmountDeposited, mails.post); // publishing waits until the queue has taken the event

  const transfers = createMessageQueue("transfers", async (command: Transfer) => ({ accepted: command.amount < 1_000 }));
  commands.handle(Transfer, transfers.run); // sending waits until the handler has answered
  const { accepted } = await commands.send(new Transfer({ from: "a", to: "b", amount: 10 }));
  // #endregion
  await events.publish(new AmountDeposited({ accountId: "a", amount: 1 }));
  // #region end
  await mails.idle(); // nothing waits or is in progress
  await mails.drain(); // accepts nothing more, and handles what is there
  await mails.close(); // accepts nothing more, ends what is in progress, gives up the rest
  // #endregion
  expect(accepted).toBe(true);
  expect(sent).toEqual(["a"]);
});

it("lanes, batches and reads", async () => {
  // #region lanes
  const transfers = createMessageQueue("transfers", async (command: Transfer) => ({ accepted: command.amount < 1_000 }), {
    lanes: ["urgent", "usual"],
    laneOf: (command) => (command.amount > 500 ? "urgent" : "usual"),
  });
  // #endregion
  expect(await transfers.run(new Transfer({ from: "a", to: "b", amount: 600 }))).toEqual({ accepted: true });
  // #region batch
  const rows: string[] = [];
  const statements = createBatchQueue("statements", (events: readonly AmountDeposited[]) => rows.push(...events.map(String)), {
    maxMessages: 100,
    maxWaitMs: 50, // or as many as there are, when the first of them has waited for so long
  });
  // #endregion
  await statements.post(new AmountDeposited({ accountId: "a", amount: 1 }));
  await statements.drain();
  // #region read
  const seen = await statements.read((version) => ({ version, rows: rows.length })); // no handler is half-way through
  // #endregion
  expect(seen).toEqual({ version: 1, rows: 1 });
});

it("batches of one key each", async () => {
  const inserted: [string, number[]][] = [];
  const insert = async (accountId: string, amounts: number[]): Promise<void> => void inserted.push([accountId, amounts]);
  // #region keyed-batch
  const statements = createBatchQueue(
    "statements",
    async ([first, ...others]: readonly AmountDeposited[]) => {
      if (first !== undefined) await insert(first.accountId, [first.amount, ...others.map(({ amount }) => amount)]);
    },
    { maxMessages: 100, maxWaitMs: 50, parallelism: 4, partitionBy: (event) => event.accountId },
  );
  // #endregion
  for (const [accountId, amount] of [
    ["a", 1],
    ["b", 2],
    ["a", 3],
  ] as const) {
    await statements.post(new AmountDeposited({ accountId, amount }));
  }
  await statements.drain();
  expect(inserted).toEqual([
    ["a", [1, 3]],
    ["b", [2]],
  ]);
});

it("a handler that posts to its own queue hands over its context", async () => {
  const steps: number[] = [];
  // #region within
  const countdown: MessageQueue<AmountDeposited> = createMessageQueue(
    "countdown",
    async (event: AmountDeposited, context): Promise<void> => {
      steps.push(event.amount);
      const { accountId, amount } = event;
      if (amount > 0) await countdown.post(new AmountDeposited({ accountId, amount: amount - 1 }), context);
      else await countdown.close(context); // resolves at once
    },
  );
  // #endregion
  await countdown.post(new AmountDeposited({ accountId: "a", amount: 2 }));
  await countdown.idle();
  expect(steps).toEqual([2, 1, 0]);
});

it("a timer keeps a message until it is due", async () => {
  const test = createTestRuntime();
  const reminded: string[] = [];
  await test.run(async () => {
    const commands = createCommandBus();
    commands.handle(RemindCustomer, ({ accountId }) => reminded.push(accountId));
    // #region timers
    const now = currentRuntime().clock.now(); // in production what Date.now tells
    const timers = createMessageTimers({ deliver: (command: RemindCustomer) => commands.send(command) });
    await timers.set({ id: "reminder-a", dueMs: now + 60_000, message: new RemindCustomer({ accountId: "a" }) });
    await timers.set({ id: "reminder-b", dueMs: now + 1_000, everyMs: 1_000, message: new RemindCustomer({ accountId: "b" }) });
    await timers.cancel("reminder-a");
    // #endregion
    await test.clock.advanceBy(2_500);
    await timers.close();
  });
  expect(reminded).toEqual(["b", "b"]);
});

it("a test moves the time of timers", async () => {
  const reminded: string[] = [];
  // #region timers-in-tests
  const test = createTestRuntime();
  await test.run(async () => {
    await using timers = createMessageTimers({ deliver: ({ accountId }: RemindCustomer) => reminded.push(accountId) });
    await timers.set({ id: "reminder-a", dueMs: test.clock.now() + 60_000, message: new RemindCustomer({ accountId: "a" }) });
    await test.clock.advanceBy(60_000);
    expect(reminded).toEqual(["a"]);
  });
  // #endregion
});
