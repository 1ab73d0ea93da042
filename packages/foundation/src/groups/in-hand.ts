import { waitWith } from "@reactive-domain/core";
import { DeliveryLost, type DeliveryRef } from "@reactive-domain/persistence";
import type { Held } from "./held.ts";

/** All deliveries that a consumer holds, by position. */
export class InHand {
  readonly #held = new Map<number, Held>();
  #wake: (() => void) | undefined;

  get size(): number {
    return this.#held.size;
  }

  get all(): readonly Held[] {
    return [...this.#held.values()];
  }

  /** Takes one up. Where the same event is in hand under an older token, that one is lost. */
  add(held: Held): void {
    const { group, position, fence } = held.delivery;
    const former = this.#held.get(position);
    if (former !== undefined && !former.isSettling) former.lose(new DeliveryLost(group, position, former.delivery.fence));
    if (former === undefined || former.delivery.fence < fence) this.#held.set(position, held);
  }

  /** The one that a reference names; nothing once it is settled. */
  find({ position, fence }: DeliveryRef): Held | undefined {
    const held = this.#held.get(position);
    return held?.delivery.fence === fence ? held : undefined;
  }

  remove(held: Held): void {
    const { position } = held.delivery;
    if (this.#held.get(position) !== held) return;
    this.#held.delete(position);
    this.#wake?.();
  }

  /** Resolves when no more than so many are in hand. For one who waits at a time. Errors: the signal's reason. */
  async untilAtMost(count: number, signal: AbortSignal): Promise<void> {
    while (this.#held.size > count)
      await waitWith(signal, (done) => {
        this.#wake = done;
        return () => undefined;
      });
    this.#wake = undefined;
  }
}
