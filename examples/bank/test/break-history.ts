import { ExpectedVersion, type EventStore } from "@reactive-domain/foundation";

/** Writes a deposit into an account that was never opened. */
export async function breakHistory(store: EventStore): Promise<void> {
  const event = {
    id: "019b76da-a800-7000-8000-000000000001",
    type: "AmountDeposited",
    schemaVersion: 1,
    contentType: "application/json",
    data: '{"accountId":"x","amountCents":1}',
    metadata: "{}",
  };
  await store.append("banking.account-x", [event], { expectedVersion: ExpectedVersion.noStream });
}
