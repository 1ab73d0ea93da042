import {
  after,
  connect,
  createInMemoryStore,
  createListener,
  createReader,
  EventBase,
  version,
  type Checkpoint,
} from "@reactive-domain/foundation";
import { expect, it } from "vitest";
import { Account, AmountDeposited, banking } from "../first-steps/account.ts";

function openBank() {
  const bank = connect(banking, createInMemoryStore());
  return { bank, accounts: bank.repository(Account) };
}

async function openAccount({ accounts }: ReturnType<typeof openBank>): Promise<void> {
  const account = new Account("a-1");
  account.open("Ann");
  for (const amount of [1, 2, 3]) account.deposit(amount);
  await accounts.save(account);
}

it("a reader brings what is there to handlers, once", async () => {
  const opened = openBank();
  const { bank } = opened;
  await openAccount(opened);
  // #region reader
  const reader = createReader(bank.aggregate(Account, "a-1"));
  let sum = 0;
  reader.on(AmountDeposited, (event, { version: number }) => {
    sum += event.amount;
    if (number === 2) reader.stop(); // nothing further is handled
  });
  const { events, ending } = await reader.read({ from: after(version(0)) }); // 2 events, "stopped"
  // #endregion
  expect({ sum, events, ending }).toEqual({ sum: 3, events: 2, ending: "stopped" });
  // #region page
  const rest = await reader.read({ from: reader.checkpoint, count: 100 }); // 1 event, "end"
  const nothing = await createReader(bank.aggregate(Account, "nobody")).read(); // 0 events, "end"
  // #endregion
  expect([rest, nothing]).toEqual([
    { events: 1, ending: "end" },
    { events: 0, ending: "end" },
  ]);
});

it("a listener brings the history and then new events to handlers", async () => {
  const opened = openBank();
  const { bank, accounts } = opened;
  await openAccount(opened);
  const seen: string[] = [];
  let kept: Checkpoint | undefined;
  const announce = (text: string): void => void seen.push(text);
  // #region listener
  await using listener = createListener(bank.category(Account), { name: "announcements" });
  listener.on(AmountDeposited, async (event, { checkpoint }) => {
    announce(`${event.accountId} got ${event.amount}`);
    kept = checkpoint; // where to go on once this is handled
  });
  listener.onLive(() => announce("that was the past")); // once, behind the history
  await listener.start({ from: kept ?? "start" });
  await listener.live;
  // #endregion
  await accounts.update("a-1", (account) => account.deposit(4));
  await listener.caughtUp();
  expect(seen).toEqual(["a-1 got 1", "a-1 got 2", "a-1 got 3", "that was the past", "a-1 got 4"]);
  expect(kept).toEqual(listener.checkpoint);
  // #region hold
  const hold = await listener.hold(); // what was being delivered is delivered and recorded
  try {
    announce(`everything up to ${listener.checkpoint.position} is announced`);
  } finally {
    hold.release();
  }
  // #endregion
  expect(seen.at(-1)).toBe("everything up to 4 is announced");
});

it("all events of a feed go to a handler of EventBase", async () => {
  const opened = openBank();
  await openAccount(opened);
  const reader = createReader(opened.bank.all());
  let count = 0;
  reader.on(EventBase, () => count++);
  await reader.read();
  expect(count).toBe(4);
});
