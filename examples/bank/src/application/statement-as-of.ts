import { currentRuntime, readModelAsOf, type ConnectedContext } from "@reactive-domain/foundation";
import { Account } from "../domain/account.ts";
import type { StatementAnswer } from "../domain/statement.ts";
import { Statements } from "./statements.ts";

interface WantedStatement {
  readonly accountId: string;
  readonly month: string;
}

/**
 * A statement as it was at a time: a model of its own is folded up to there, of nothing but the events of the one account.
 *
 * Errors: those of {@link readModelAsOf}.
 */
export async function statementAsOf(
  bank: ConnectedContext,
  { accountId, month }: WantedStatement,
  time: Date,
  signal?: AbortSignal,
): Promise<StatementAnswer> {
  const { clock } = currentRuntime();
  const past = await readModelAsOf(new Statements(), bank.aggregate(Account, accountId), { time }, signal && { signal });
  const answer = past.of(accountId, month, Math.min(time.getTime(), clock.now()));
  await past.close();
  return answer;
}
