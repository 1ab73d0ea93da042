import { sleep, type Runtime } from "@reactive-domain/core";
import pg, { type Pool } from "pg";

/** Where a statement runs that may have to be cancelled. */
interface Canceller {
  readonly pool: Pool;
  readonly runtime: Runtime;
  /** The server's process that runs it. */
  readonly processId: number;
}

const AGAIN_MS = 50;

/** Waits for work on a server. When the signal aborts, its statement is cancelled there, and the signal's reason thrown. */
export async function untilCancelled<T>(working: Promise<T>, signal: AbortSignal | undefined, canceller: Canceller): Promise<T> {
  if (signal === undefined) return working;
  let cancelling: Promise<void> | undefined;
  let isOver = false;
  const onAbort = (): void => {
    cancelling = cancel(canceller, () => isOver);
  };
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await working;
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    isOver = true;
    signal.removeEventListener("abort", onAbort);
    await cancelling;
  }
}

/** Again and again: a statement that is on its way only now would not be met. On a connection beside the pool, which may have none left. */
async function cancel({ pool, runtime, processId }: Canceller, isOver: () => boolean): Promise<void> {
  const client = new pg.Client(pool.options);
  client.on("error", () => undefined);
  try {
    await client.connect();
    while (!isOver()) {
      await client.query("SELECT pg_cancel_backend($1)", [processId]);
      await sleep(AGAIN_MS, { runtime });
    }
  } catch {
    // Then the statement goes on to its end.
  } finally {
    await client.end().catch(() => undefined);
  }
}
