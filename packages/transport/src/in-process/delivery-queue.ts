import type { Delivery } from "./delivery.ts";

const MIN_SPENT = 64;

/** Deliveries that nobody has taken, in the order of the channel. */
export class DeliveryQueue {
  #deliveries: Delivery[] = [];
  /** How many at the front of the list are taken already: shifting a long list for each of them would be slow. */
  #spent = 0;

  /** Puts a new delivery behind all others. */
  append(delivery: Delivery): void {
    this.#deliveries.push(delivery);
  }

  /** Puts a delivery that was taken back in its place. */
  giveBack(delivery: Delivery): void {
    let index = this.#spent;
    while ((this.#deliveries[index]?.sequence ?? Infinity) < delivery.sequence) index++;
    this.#deliveries.splice(index, 0, delivery);
  }

  /** Takes the first. */
  take(): Delivery | undefined {
    const delivery = this.#deliveries[this.#spent];
    if (delivery === undefined) return undefined;
    this.#spent++;
    if (this.#spent >= MIN_SPENT && this.#spent * 2 >= this.#deliveries.length) this.#forgetSpent();
    return delivery;
  }

  clear(): void {
    this.#deliveries = [];
    this.#spent = 0;
  }

  #forgetSpent(): void {
    this.#deliveries = this.#deliveries.slice(this.#spent);
    this.#spent = 0;
  }
}
