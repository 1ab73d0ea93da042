import {
  AggregateRoot,
  boundedContext,
  ChildEntity,
  Command,
  connect,
  Event,
  type Decider,
  type EventStore,
  type SnapshotFacts,
  type SnapshotSource,
} from "@reactive-domain/foundation";

export class Counted extends Event("Counted")<{ tallyId: string; by: number }> {}
export class ShelfAdded extends Event("ShelfAdded")<{ tallyId: string; shelfId: string }> {}
export class ShelfFilled extends Event("ShelfFilled")<{ shelfId: string; items: number }> {}
export class Count extends Command("Count")<{ tallyId: string; by: number }> {}

class Shelf extends ChildEntity<"shelfId"> {
  #items = 0;

  constructor(id: string) {
    super(id, "shelfId");
    this.register(ShelfFilled, (event) => {
      this.#items += event.items;
    });
  }

  get items(): number {
    return this.#items;
  }

  restore(items: number): void {
    this.#items = items;
  }

  fill(items: number): void {
    this.raise(new ShelfFilled({ shelfId: this.id, items }));
  }
}

interface TallyState {
  readonly sum: number;
  readonly shelves: readonly { readonly id: string; readonly items: number }[];
}

/** What a test changes of all tallies, and learns from them. */
export const told = {
  folded: 0,
  restored: 0,
  taken: 0,
  wants: undefined as ((facts: SnapshotFacts) => boolean) | undefined,
  refuses: false,
};

/** An aggregate that tells how it got its state. */
export class Tally extends AggregateRoot implements SnapshotSource<TallyState> {
  static readonly type: string = "Tally";
  static readonly snapshots: { schemaVersion: number; everyEvents?: number; slowerThanMs?: number } = { schemaVersion: 2, everyEvents: 10 };
  readonly #shelves = this.entities(Shelf);
  #sum = 0;

  constructor(id: string) {
    super(id);
    this.register(Counted, (event) => {
      told.folded++;
      this.#sum += event.by;
    });
    this.register(ShelfAdded, (event) => void this.#shelves.add(event.shelfId));
  }

  get sum(): number {
    return this.#sum;
  }

  get shelves(): readonly number[] {
    return [...this.#shelves].map(({ items }) => items);
  }

  count(by: number, times = 1): void {
    for (let time = 0; time < times; time++) this.raise(new Counted({ tallyId: this.id, by }));
  }

  addShelf(shelfId: string, items: number): void {
    this.raise(new ShelfAdded({ tallyId: this.id, shelfId }));
    this.#shelves.get(shelfId)?.fill(items);
  }

  takeSnapshot(): TallyState {
    told.taken++;
    return { sum: this.#sum, shelves: [...this.#shelves].map(({ id, items }) => ({ id, items })) };
  }

  restoreFromSnapshot({ sum, shelves }: TallyState): void {
    told.restored++;
    if (told.refuses) throw new Error("It is not what it was.");
    this.#sum = sum;
    for (const { id, items } of shelves) this.#shelves.add(id).restore(items);
  }

  wantsSnapshot(facts: SnapshotFacts): boolean {
    return told.wants?.(facts) ?? false;
  }
}

/** The same in a release before or after. */
export class OtherTally extends Tally {
  static override readonly snapshots: typeof Tally.snapshots = { schemaVersion: 3, everyEvents: 10 };
}

export const sums: Decider<Count, { readonly sum: number }, Counted> = {
  type: "Sum",
  initial: { sum: 0 },
  evolve: (state, { by }) => {
    told.folded++;
    return { sum: state.sum + by };
  },
  decide: (command) => [new Counted(command)],
  snapshots: { schemaVersion: 1, everyEvents: 10 },
};

const events = [Counted, ShelfAdded, ShelfFilled];

export function connectTallies(store: EventStore) {
  return connect(boundedContext("tallies", { aggregates: [Tally, sums], events }), store);
}

export function connectOtherTallies(store: EventStore) {
  return connect(boundedContext("tallies", { aggregates: [OtherTally], events }), store);
}

/** Forgets what was told. */
export function beginToTell(): void {
  Object.assign(told, { folded: 0, restored: 0, taken: 0, wants: undefined, refuses: false });
}
