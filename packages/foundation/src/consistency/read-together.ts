import type { CatchUpOptions } from "../listeners/waiters.ts";
import type { ReadModelBase } from "../read-models/read-model-base.ts";

const places = new WeakMap<ReadModelBase, number>();
let known = 0;

/** Models in an order that is the same for everybody, each once: who holds one waits only for later ones, so that nobody waits for each other. */
export function inOrder(models: readonly ReadModelBase[]): readonly ReadModelBase[] {
  for (const model of models) if (!places.has(model)) places.set(model, known++);
  return [...new Set(models)].toSorted((one, other) => (places.get(one) ?? 0) - (places.get(other) ?? 0));
}

/** Holds models, which are in their order, between events, all at once, and looks. Errors as of {@link ReadModelBase.read}. */
export function readTogether<T>(
  models: readonly ReadModelBase[],
  look: () => T | Promise<T>,
  options: () => CatchUpOptions,
): T | Promise<T> {
  const [first, ...others] = models;
  return first === undefined ? look() : first.read(() => readTogether(others, look, options), options());
}
