import type { StandardSchemaV1 } from "@standard-schema/spec";

/** Puts down that something at a place must be otherwise than it is. */
export type Tell = (path: readonly PropertyKey[], must: string) => void;

/** Who asks from outside must not decide how long the refusal becomes. */
const MAX_FAULTS = 20;
const MAX_NAME_LENGTH = 60;

/** What is wrong with a listing: the first faults, with names cut short, and how many more there are. */
export class Faults {
  readonly #told: StandardSchemaV1.Issue[] = [];
  #count = 0;

  readonly tell: Tell = (path, must) => {
    if (this.#count++ < MAX_FAULTS) this.#told.push({ path: path.map(shown), message: must });
  };

  get issues(): readonly StandardSchemaV1.Issue[] {
    const more = this.#count - this.#told.length;
    return more === 0 ? this.#told : [...this.#told, { path: [], message: `has ${more} more faults` }];
  }
}

function shown(step: PropertyKey): PropertyKey {
  return typeof step === "string" && step.length > MAX_NAME_LENGTH ? `${step.slice(0, MAX_NAME_LENGTH - 3)}...` : step;
}
