import { waitingSince, type CompleteGroupDefinition, type GroupEntry } from "@reactive-domain/persistence/adapter";
import { RecentPlaces } from "./recent-places.ts";

/** What is known of an event before it is delivered. */
export type EntryFacts = Pick<GroupEntry, "attempts" | "state">;

/** What this process knows of events that it has given back, for when they come again. */
export class GivenBack {
  readonly #definition: CompleteGroupDefinition;
  readonly #places = new RecentPlaces<EntryFacts>();

  constructor(definition: CompleteGroupDefinition) {
    this.#definition = definition;
  }

  keep({ event, attempts, state }: GroupEntry, nowMs: number): void {
    const isLost = state.kind === "claimed" && state.untilMs <= nowMs && this.#comesAlone;
    const isSuspect = isLost || (state.kind === "waiting" && state.isSuspect);
    const dueMs = state.kind === "waiting" && Number.isFinite(state.dueMs) ? state.dueMs : nowMs;
    this.#places.keep(event.position, { attempts, state: { ...waitingSince(dueMs), isSuspect } });
  }

  /** How often an event was delivered: as it is known here, or as often as KurrentDB has sent it. What was sent too often comes alone: it may be what ends processes. */
  take(place: number, retries: number, nowMs: number): EntryFacts {
    const known = this.#places.get(place);
    this.#places.forget(place);
    const isSuspect = retries >= this.#definition.maxAttempts && this.#comesAlone;
    return known ?? { attempts: retries, state: { ...waitingSince(nowMs), isSuspect } };
  }

  get #comesAlone(): boolean {
    return this.#definition.afterLoss !== "together";
  }
}
