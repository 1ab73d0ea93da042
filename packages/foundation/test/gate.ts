import { yieldToLoop } from "@reactive-domain/foundation";

/** Lets nobody through until a test opens it. */
export class Gate {
  readonly #passage: Promise<void>;
  #open: () => void = () => undefined;

  constructor() {
    this.#passage = new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  open(): void {
    this.#open();
  }

  pass(): Promise<void> {
    return this.#passage;
  }
}

/** Whether a promise is settled once everything that can go on has gone on. */
export async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const settle = (): void => {
    settled = true;
  };
  promise.then(settle, settle);
  await quiet();
  return settled;
}

/** Resolves when everything that can go on without time passing has gone on. */
export async function quiet(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await yieldToLoop();
}
