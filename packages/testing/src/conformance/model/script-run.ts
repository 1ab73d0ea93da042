import { ReactiveDomainError } from "@reactive-domain/core";
import { WrongExpectedVersion, type EventBatch, type EventStore, type WriteItem } from "@reactive-domain/persistence";
import { refusedText, resultText } from "./answer-text.ts";
import { explainBatch, explainInfo, explainScavenge, explainWrite, type Explanation, type Observation } from "./observation.ts";
import type { FollowStep, ReadStep, Step } from "./script.ts";
import { stepText } from "./script-text.ts";
import type { StoreModel } from "./store-model.ts";
import { Watcher } from "./watcher.ts";

/** More batches than a read of a script has. */
const MAX_BATCHES = 1_000;

/** Where in time an answer belongs. */
type Call = Pick<Observation, "caller" | "called" | "what">;

/** One run of a script on a store: does its steps, and writes down what the store answered. */
export class ScriptRun {
  readonly observations: Observation[] = [];
  readonly watchers = new Map<number, Watcher>();
  /** What is wrong whatever the model says. */
  readonly problems: string[] = [];
  /** The steps that wait for an answer. */
  readonly waiting = new Set<string>();
  readonly #store: EventStore;
  /** The last position that each write told, and when it was called. */
  readonly #writes: { readonly called: number; readonly position: number }[] = [];
  #time = 0;

  constructor(store: EventStore) {
    this.#store = store;
  }

  /** The last position that a write has told. */
  get acknowledged(): number {
    return this.calledBefore(this.#time);
  }

  /** The last position of the writes that were called before a time. */
  calledBefore(time: number): number {
    return Math.max(-1, ...this.#writes.filter(({ called }) => called < time).map(({ position }) => position));
  }

  /** Does a step; `what` it is called in problems. */
  async do(step: Step, what = stepText(step)): Promise<void> {
    this.waiting.add(what);
    await this.#act(step, what);
    this.waiting.delete(what);
  }

  async #act({ caller, action }: Step, what: string): Promise<void> {
    const call: Call = { caller, called: this.#time++, what };
    switch (action.kind) {
      case "write":
        return this.#write(action.items, call);
      case "read":
        return this.#read(action, call);
      case "info": {
        const info = await this.#store.streamInfo(action.stream);
        return this.#answered(call, (model) => explainInfo(model, info));
      }
      case "scavenge": {
        const result = await this.#store.scavenge();
        return this.#answered(call, (model) => explainScavenge(model, result));
      }
      case "follow":
        return this.#follow(action);
      case "advance":
        return this.watchers.get(action.subscription)?.advance(action.messages, this.acknowledged);
      case "leave": {
        const problem = await this.watchers.get(action.subscription)?.leave();
        if (problem !== undefined) this.problems.push(`${what}: ${problem}`);
      }
    }
  }

  async #write(items: readonly WriteItem[], call: Call): Promise<void> {
    const answer = await this.#answerOf(items, call.called);
    this.#answered(call, (model) => explainWrite(model, items, answer));
  }

  async #answerOf(items: readonly WriteItem[], called: number): Promise<string> {
    try {
      const { streams, position, repeated } = await this.#store.write(items);
      if (position !== null) this.#writes.push({ called, position });
      return resultText(streams, repeated, position);
    } catch (error) {
      if (!(error instanceof ReactiveDomainError)) throw error;
      return refusedText(error.code, error instanceof WrongExpectedVersion ? error : undefined);
    }
  }

  async #read({ source, options }: ReadStep, call: Call): Promise<void> {
    let remaining = options.limit ?? Number.MAX_SAFE_INTEGER;
    let place = options;
    let called = call.called;
    let seen: { readonly batch: EventBatch; readonly explain: (isLast: boolean) => void } | undefined;
    let count = 0;
    for await (const batch of this.#store.read(source, options).batches()) {
      seen?.explain(false);
      if (count++ > MAX_BATCHES) throw new Error("The read does not end: it gives batch after batch.");
      const [from, left, time, answered] = [place, remaining, called, this.#time++];
      const explain = (isLast: boolean): void => {
        const facts = { source, options: from, batch, remaining: left, isLast };
        this.#observe({ ...call, called: time }, answered, (model) => explainBatch(model, facts));
      };
      seen = { batch, explain };
      remaining -= batch.events.length;
      place = { ...options, from: { at: (batch.next ?? -1) as never } };
      called = this.#time++;
    }
    if (seen === undefined) this.problems.push(`${call.what}: must give at least one batch; but gave none`);
    seen?.explain(true);
  }

  #follow(action: FollowStep): void {
    const opening = { acknowledged: this.acknowledged, at: this.#time++ };
    this.watchers.set(action.subscription, new Watcher(this.#store, action, opening));
  }

  #answered(call: Call, explain: (model: StoreModel) => Explanation): void {
    this.#observe(call, this.#time++, explain);
  }

  #observe(call: Call, answered: number, explain: (model: StoreModel) => Explanation): void {
    this.observations.push({ ...call, answered, explain });
  }
}
