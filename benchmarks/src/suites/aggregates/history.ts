import { systemRuntime, type NewEvent } from "@reactive-domain/foundation";

const METADATA =
  '{"correlationId":"0199b2a4-0000-7000-8000-000000000001","causationId":"0199b2a4-0000-7000-8000-000000000002","timeMs":1700000000000}';
const DEPOSIT_CENTS = 500;
const WITHDRAWAL_CENTS = 200;
/** Of so many events, one is a withdrawal. */
const WITHDRAWAL_EACH = 3;

/** The history of an account, from a version on: it is opened, and then so many deposits and withdrawals make it as many events as are asked for. */
export function historyOf(accountId: string, events: number, from = 0): readonly NewEvent[] {
  return Array.from({ length: events }, (_, index) => {
    const [type, payload] = eventAt(from + index);
    return {
      id: systemRuntime.ids.next(),
      type,
      schemaVersion: 1,
      contentType: "application/json",
      data: JSON.stringify({ accountId, ...payload }),
      metadata: METADATA,
    };
  });
}

/** What the account of a history of so many events holds. */
export function balanceOf(events: number): number {
  let balance = 0;
  for (let index = 1; index < events; index++) balance += index % WITHDRAWAL_EACH === 0 ? -WITHDRAWAL_CENTS : DEPOSIT_CENTS;
  return balance;
}

function eventAt(index: number): readonly [string, object] {
  if (index === 0) return ["AccountOpened", { owner: "Ann" }];
  if (index % WITHDRAWAL_EACH === 0) return ["AmountWithdrawn", { amountCents: WITHDRAWAL_CENTS }];
  return ["AmountDeposited", { amountCents: DEPOSIT_CENTS }];
}
