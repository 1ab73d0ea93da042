import type { TransportHandler } from "@reactive-domain/transport";

/** A handler that runs until the test says how it ends. */
export class GatedHandler {
  /** The ids of the messages that came, in that order. */
  readonly begun: string[] = [];
  readonly #ends = new Map<string, { readonly resolve: () => void; readonly reject: (error: Error) => void }>();

  readonly handle: TransportHandler = ({ id }) => {
    this.begun.push(id);
    return new Promise<void>((resolve, reject) => {
      this.#ends.set(id, { resolve, reject });
    });
  };

  /** Lets the handler of a message return. */
  finish(id: string): void {
    this.#take(id).resolve();
  }

  /** Lets the handler of a message throw. */
  fail(id: string): void {
    this.#take(id).reject(new Error(`${id} failed`));
  }

  #take(id: string): { readonly resolve: () => void; readonly reject: (error: Error) => void } {
    const end = this.#ends.get(id);
    if (end === undefined) throw new Error(`no handler runs for ${id}`);
    this.#ends.delete(id);
    return end;
  }
}
