import { hashOf, type Random } from "../random.ts";
import type { Work } from "../workload.ts";

/** What a handler fails with as it is to. Whatever else handlers fail with is a fault. */
export class PlannedFailure extends Error {}

/** How much of a thousand fails so often, by the event alone: few nearly always, until the last life, and some half of the time. */
const STUBBORN = { perMille: 4, chance: 0.85 };
const SHAKY = { perMille: 30, chance: 0.5 };

/** Fails now and then, if the event is one of those that fail. Errors: {@link PlannedFailure}. */
export function mayFail({ key }: Work, random: Random): void {
  const share = hashOf(`trouble ${key}`) % 1_000;
  if (share < STUBBORN.perMille) failWith(STUBBORN.chance, { key, random });
  else if (share < STUBBORN.perMille + SHAKY.perMille) failWith(SHAKY.chance, { key, random });
}

function failWith(chance: number, { key, random }: { readonly key: string; readonly random: Random }): void {
  if (random.chance(chance)) throw new PlannedFailure(`${key} fails`);
}
