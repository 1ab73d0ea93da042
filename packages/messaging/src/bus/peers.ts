import { InvalidArgument } from "@reactive-domain/core";
import type { Unsubscribe } from "./handler.ts";

/** The buses of its kind that a bus is connected with. */
export class Peers<B extends { readonly peers: Peers<B> }> {
  readonly #own: B;
  readonly #connected = new Set<B>();

  constructor(own: B) {
    this.#own = own;
  }

  get areNone(): boolean {
    return this.#connected.size === 0;
  }

  /** Connects both, until the returned function is called. Errors: `invalid-argument` unless it is another bus of the same kind. */
  connect(other: unknown): Unsubscribe {
    if (!this.#isLikeOwn(other) || other === this.#own)
      throw new InvalidArgument("other", "another bus of the same kind, of this process", other);
    this.#connected.add(other);
    other.peers.#connected.add(this.#own);
    return () => {
      this.#connected.delete(other);
      other.peers.#connected.delete(this.#own);
    };
  }

  /** The bus itself and all that can be reached from it, each once. */
  reachable(): ReadonlySet<B> {
    const found = new Set<B>([this.#own]);
    for (const bus of found) for (const peer of bus.peers.#connected) found.add(peer);
    return found;
  }

  #isLikeOwn(other: unknown): other is B {
    return typeof other === "object" && other !== null && Object.getPrototypeOf(other) === Object.getPrototypeOf(this.#own);
  }
}
