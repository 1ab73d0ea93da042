import { status } from "@grpc/grpc-js";
import type { ServerLimits } from "../server-options.ts";
import { Refusal } from "../wire/refusal.ts";

/** Lets in as many reads and subscriptions at once as the server holds pages for. */
export class ReadSlots {
  readonly #limits: Pick<ServerLimits, "maxReads" | "maxReadsPerConnection">;
  readonly #ofPeer = new Map<string, number>();
  #all = 0;

  constructor(limits: Pick<ServerLimits, "maxReads" | "maxReadsPerConnection">) {
    this.#limits = limits;
  }

  /** Returns how to leave. Errors: resource exhausted. */
  enter(peer: string): () => void {
    const { maxReads, maxReadsPerConnection } = this.#limits;
    const own = this.#ofPeer.get(peer) ?? 0;
    if (own >= maxReadsPerConnection)
      throw exhausted(`This connection has ${own} reads and subscriptions, the most of one (maxReadsPerConnection).`);
    if (this.#all >= maxReads) throw exhausted(`The server has ${this.#all} reads and subscriptions, the most it takes (maxReads).`);
    this.#all++;
    this.#ofPeer.set(peer, own + 1);
    return () => this.#leave(peer);
  }

  #leave(peer: string): void {
    this.#all--;
    const left = (this.#ofPeer.get(peer) ?? 1) - 1;
    if (left > 0) this.#ofPeer.set(peer, left);
    else this.#ofPeer.delete(peer);
  }
}

function exhausted(what: string): Refusal {
  return new Refusal(status.RESOURCE_EXHAUSTED, `${what} End one and try again.`);
}
