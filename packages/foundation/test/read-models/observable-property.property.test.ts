import { ObservableProperty } from "@reactive-domain/foundation";
import fc from "fast-check";
import { describe, expect, it, onTestFinished, vi } from "vitest";

/** What a subscriber does when it is told for the nth time. */
type Reaction =
  | { readonly kind: "set"; readonly value: number; readonly force: boolean }
  | { readonly kind: "subscribe" }
  | { readonly kind: "stop"; readonly whom: number }
  | { readonly kind: "throw" };

type Step = Exclude<Reaction, { readonly kind: "throw" }>;

const setting = fc.record({ kind: fc.constant("set" as const), value: fc.integer({ min: 0, max: 3 }), force: fc.boolean() });
const subscribing = fc.constant({ kind: "subscribe" as const });
const stopping = fc.record({ kind: fc.constant("stop" as const), whom: fc.nat(7) });
const anyStep: fc.Arbitrary<Step> = fc.oneof({ weight: 4, arbitrary: setting }, subscribing, stopping);
const anyReaction: fc.Arbitrary<Reaction> = fc.oneof(setting, subscribing, stopping, fc.constant({ kind: "throw" as const }));
const nothing = fc.constant(undefined);
/** By the call, all subscribers together; behind the list they do nothing. */
const reactions = fc.array(fc.oneof({ weight: 2, arbitrary: nothing }, { weight: 1, arbitrary: anyReaction }), { maxLength: 30 });

interface Watcher {
  readonly seen: number[];
  /** How far the property was at each call. */
  readonly at: number[];
  /** How far the property was when it ended. */
  endedAt: number | undefined;
  stop: (() => void) | undefined;
  isAtWork: boolean;
}

/** A property, those who subscribed, and every value that it ever had. */
class World {
  readonly property = new ObservableProperty(0);
  readonly history: { readonly value: number; readonly force: boolean }[] = [{ value: 0, force: false }];
  readonly watchers: Watcher[] = [];
  readonly problems: string[] = [];
  readonly #reactions: (Reaction | undefined)[];

  constructor(script: readonly (Reaction | undefined)[]) {
    this.#reactions = [...script];
  }

  do(step: Step): void {
    if (step.kind === "set") this.#set(step.value, step.force);
    else if (step.kind === "stop") this.#stop(this.watchers[step.whom]);
    else this.#subscribe();
  }

  #set(value: number, force: boolean): void {
    if (value !== this.property.value || force) this.history.push({ value, force });
    this.property.set(value, { force });
  }

  #stop(watcher: Watcher | undefined): void {
    if (watcher?.stop === undefined) return;
    watcher.stop();
    watcher.endedAt ??= this.history.length;
  }

  #subscribe(): void {
    const watcher: Watcher = { seen: [], at: [], endedAt: undefined, stop: undefined, isAtWork: false };
    this.watchers.push(watcher);
    try {
      watcher.stop = this.property.subscribe((value) => this.#told(watcher, value));
    } catch {
      watcher.endedAt ??= this.history.length;
    }
  }

  #told(watcher: Watcher, value: number): void {
    if (watcher.isAtWork) this.problems.push("called within its own call");
    if (watcher.endedAt !== undefined) this.problems.push("told after its end");
    if (value !== this.property.value) this.problems.push("told what is not the newest");
    watcher.isAtWork = true;
    watcher.seen.push(value);
    watcher.at.push(this.history.length - 1);
    const next = this.#reactions.shift();
    try {
      if (next?.kind === "throw") throw new Error("planned");
      if (next !== undefined) this.do(next);
    } finally {
      watcher.isAtWork = false;
    }
  }
}

describe("a property under random subscribers", () => {
  it("J14: tells each one the current value first, then newer ones in order, never an equal one unforced, up to the newest", () => {
    const spy = vi.spyOn(process, "emitWarning").mockImplementation(() => undefined);
    onTestFinished(() => spy.mockRestore());
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 25 }), reactions, (steps, script) => {
        const world = new World(script);
        for (const one of steps) {
          const first = world.watchers.length;
          const { value } = world.property;
          world.do(one);
          expect(one.kind === "subscribe" ? world.watchers[first]?.seen[0] : value).toBe(value);
          for (const watcher of world.watchers) expectNewest(world, watcher);
        }
        for (const watcher of world.watchers) expectOrder(world, watcher);
        expect(world.problems).toEqual([]);
      }),
      { numRuns: 300 },
    );
    const told = spy.mock.calls.map(([warning]) => (warning as Error).message);
    expect([...new Set(told)]).toEqual(["planned"]);
  });
});

function expectNewest({ property }: World, { seen, endedAt }: Watcher): void {
  expect(endedAt === undefined ? seen.at(-1) : property.value).toBe(property.value);
}

function expectOrder({ history }: World, { seen, at }: Watcher): void {
  expect(at).toEqual([...new Set(at)].toSorted((one, other) => one - other));
  for (const [index, value] of seen.entries()) {
    expect(value).toBe(history[at[index] ?? -1]?.value);
    const since = history.slice((at[index - 1] ?? 0) + 1, (at[index] ?? 0) + 1);
    const isNews = index === 0 || value !== seen[index - 1] || since.some(({ force }) => force);
    expect(isNews).toBe(true);
  }
}
