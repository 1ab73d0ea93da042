import { systemRuntime, version, type ExpectedVersion, type NewEvent } from "@reactive-domain/foundation";

/** One append, with the version that its stream has before it. */
export interface Append {
  readonly stream: string;
  readonly events: readonly NewEvent[];
  readonly expectedVersion: ExpectedVersion;
}

const STREAMS = 1_024;
export const FACTS = {
  type: "AmountDeposited",
  schemaVersion: 1,
  contentType: "application/json",
  data: '{"accountId":"account-000001","amountCents":12345}',
  metadata: '{"correlationId":"0199b2a4-0000-7000-8000-000000000001"}',
};

/** Appends over 1,024 streams in turn, with ids of the toolkit's own generator. */
export function newAppends(count: number, events = 1): readonly Append[] {
  return Array.from({ length: count }, (_, index) => {
    const before = Math.floor(index / STREAMS) * events - 1;
    return { stream: streamOf(index), events: newEvents(events), expectedVersion: before === -1 ? "noStream" : version(before) };
  });
}

export function newEvents(count: number): readonly NewEvent[] {
  return Array.from({ length: count }, () => ({ id: systemRuntime.ids.next(), ...FACTS }));
}

function streamOf(index: number): string {
  return `account-${String(index % STREAMS).padStart(6, "0")}`;
}
