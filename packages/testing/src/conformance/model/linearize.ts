import type { Observation } from "./observation.ts";
import { StoreModel } from "./store-model.ts";

/** The models from the empty one on, one behind each answer, in an order that explains them all; or what cannot be explained. */
export type Linearization = { readonly models: readonly StoreModel[] } | { readonly problem: string };

interface Search {
  readonly callers: readonly (readonly Observation[])[];
  readonly models: StoreModel[];
  /** Where the search has been, without success. */
  readonly seen: Set<string>;
  /** The most answers that could be explained, and what was wrong with each of those that might have come next. */
  best: { readonly depth: number; readonly problems: readonly string[] };
}

/**
 * Looks for a moment between each call and its answer at which a model gives all the answers that the store gave: as if it had served one call after another.
 * Answers of one caller come in its order, and what was answered before another was called comes first.
 */
export function linearize(observations: readonly Observation[]): Linearization {
  const callers = [...new Set(observations.map(({ caller }) => caller))].map((caller) =>
    observations.filter((one) => one.caller === caller),
  );
  const search: Search = { callers, models: [new StoreModel()], seen: new Set(), best: { depth: -1, problems: [] } };
  const isFound = explainFrom(
    search,
    callers.map(() => 0),
  );
  return isFound ? { models: search.models } : { problem: search.best.problems.join("\n") };
}

function explainFrom(search: Search, indices: readonly number[]): boolean {
  const candidates = candidatesAt(search, indices);
  if (candidates.length === 0) return true;
  const model = search.models.at(-1) ?? new StoreModel();
  const key = `${indices.join()} ${model.key}`;
  if (search.seen.has(key)) return false;
  search.seen.add(key);
  const problems: string[] = [];
  for (const { observation, caller } of candidates) {
    const explanation = observation.explain(model);
    if ("problem" in explanation) {
      problems.push(`${observation.what}: ${explanation.problem}`);
      continue;
    }
    search.models.push(explanation.model);
    if (explainFrom(search, indices.with(caller, (indices[caller] ?? 0) + 1))) return true;
    search.models.pop();
  }
  if (search.models.length > search.best.depth) search.best = { depth: search.models.length, problems };
  return false;
}

/** The answers that may come next: each caller's first, unless another was given before it was asked for. */
function candidatesAt(
  { callers }: Search,
  indices: readonly number[],
): readonly { readonly observation: Observation; readonly caller: number }[] {
  const firsts = callers.flatMap((observations, caller) => {
    const observation = observations[indices[caller] ?? 0];
    return observation === undefined ? [] : [{ observation, caller }];
  });
  const firstAnswer = Math.min(...firsts.map(({ observation }) => observation.answered));
  return firsts
    .filter(({ observation }) => observation.called < firstAnswer)
    .toSorted((a, b) => a.observation.answered - b.observation.answered);
}
