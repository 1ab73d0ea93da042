import { openBank } from "../application/bank.ts";
import { StatementOf } from "../domain/queries.ts";
import { openStore } from "./open-store.ts";
import { printable } from "./printable.ts";
import { showStatement } from "./show-statement.ts";

/** Which statement, and what it needs of its process. */
export interface StatementOptions {
  readonly accountId: string;
  readonly month: string;
  /** ISO text; now where there is none. */
  readonly asOf: string | undefined;
  readonly store: string;
  readonly signal: AbortSignal;
  readonly output: { write(text: string): unknown };
  readonly errors: { write(text: string): unknown };
}

const NO_STATEMENT_STATUS = 1;

/** Shows one statement, and writes nothing into the store; resolves to the exit status. */
export async function runStatement({ accountId, month, asOf, store: url, signal, output, errors }: StatementOptions): Promise<number> {
  await using store = await openStore(url, { isReadOnly: true });
  await using bank = await openBank(store, { isReadOnly: true });
  const query = new StatementOf({ accountId, month, ...(asOf === undefined ? undefined : { asOf }) });
  const answer = await bank.queries.ask(query, { signal });
  if (answer.kind === "statement") {
    output.write(showStatement(answer.statement, asOf));
    return 0;
  }
  errors.write(`${printable(answer.message)}\n`);
  return NO_STATEMENT_STATUS;
}
