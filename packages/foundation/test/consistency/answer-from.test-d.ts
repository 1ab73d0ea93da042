import { answerFrom, createQueryBus, Query, type ReadModelBase } from "@reactive-domain/foundation";

declare const model: ReadModelBase;
class BalanceOf extends Query("BalanceOf")<{ accountId: string }, { balance: number }> {}

const queries = createQueryBus();
queries.handle(
  BalanceOf,
  answerFrom(model, ({ accountId }) => ({ balance: accountId.length })),
);
queries.handle(
  BalanceOf,
  answerFrom([model, model], async ({ accountId }, { signal }) => ({ balance: signal === undefined ? 0 : accountId.length })),
);
// @ts-expect-error an answer of another type
queries.handle(BalanceOf, answerFrom(model, ({ accountId }) => ({ balance: accountId }))); // prettier-ignore
