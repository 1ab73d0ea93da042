/** Thrown by a task whose own SQL ended the transaction. Those who share it are carried out again without it, and the task fails with the reason. */
export class TransactionEnded extends Error {
  readonly reason: unknown;

  constructor(reason: unknown) {
    super("A task has ended the transaction that it shares.");
    this.reason = reason;
  }
}
