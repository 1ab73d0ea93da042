import { withRuntime } from "@reactive-domain/core";
import { Command, Event, type MessageBase } from "@reactive-domain/messaging";
import { createTestRuntime, type TestRuntime } from "@reactive-domain/testing";

export class Mail extends Event("Mail")<{ to: string; number: number }> {}
export class Sum extends Command("Sum")<{ numbers: readonly number[] }, number> {}

export const mail = (number: number, to = "ann"): Mail => new Mail({ to, number });

/** A handler that a test lets go on: each call waits until it is let go. */
export class Desk {
  readonly begun: number[] = [];
  readonly ended: number[] = [];
  readonly #waiting = new Map<number, () => void>();

  readonly handle = async ({ number }: Mail): Promise<void> => {
    this.begun.push(number);
    await new Promise<void>((resolve) => this.#waiting.set(number, resolve));
    this.ended.push(number);
  };

  letGo(number: number): void {
    this.#waiting.get(number)?.();
    this.#waiting.delete(number);
  }
}

/** Runs a case in time that the case moves. */
export async function inTestTime(work: (test: TestRuntime) => Promise<void>): Promise<void> {
  const test = createTestRuntime();
  await withRuntime(test.runtime, () => work(test));
}

/** Runs a case in time that moves on by itself when nothing else can go on. */
export async function inMovingTime(work: () => Promise<void>, seed = 1): Promise<void> {
  await createTestRuntime({ seed }).run(work);
}

/** What became of a promise, once all has come to rest. */
export async function fateOf(test: TestRuntime, promise: Promise<unknown>): Promise<unknown> {
  let fate: unknown = "pending";
  promise.then(
    () => (fate = "resolved"),
    (error: { readonly code?: string }) => (fate = error.code ?? error),
  );
  await test.settle();
  return fate;
}

export const numbersOf = (messages: readonly MessageBase[]): readonly number[] => messages.map((message) => (message as Mail).number);
