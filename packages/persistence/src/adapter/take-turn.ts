import type { Runtime } from "@reactive-domain/core";

/** What every call passes before it reaches the driver: others may go first, and its caller may have given up. Rejects with the signal's reason. */
export async function takeTurn({ scheduler }: Runtime, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  const turn = scheduler.turn();
  if (turn === undefined) return;
  await turn;
  signal?.throwIfAborted();
}
