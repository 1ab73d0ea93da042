import { position, type Position } from "@reactive-domain/core";
import {
  WrongCheckpoint,
  type CheckpointItem,
  type Fence,
  type Lease,
  type WriteItem,
  type WriteResult,
} from "@reactive-domain/persistence";
import { InnerLeases } from "./inner-leases.ts";
import { StoreDriver } from "./store-driver.ts";

/** Tells 0 where there is no checkpoint. */
export class TellsNoneAsZero extends StoreDriver {
  override async checkpoint(name: string): Promise<Position | null> {
    return (await super.checkpoint(name)) ?? position(0);
  }
}

/** Writes items of some kind first, in a write of their own. */
class WritesFirst extends StoreDriver {
  readonly #kind: WriteItem["kind"];

  constructor(kind: WriteItem["kind"]) {
    super();
    this.#kind = kind;
  }

  override async write(items: readonly WriteItem[]): Promise<WriteResult> {
    const first = items.filter(({ kind }) => kind === this.#kind);
    const rest = items.filter(({ kind }) => kind !== this.#kind);
    const results: WriteResult[] = [];
    for (const part of [first, rest]) if (part.length > 0) results.push(await super.write(part));
    return results.find(({ position: last }) => last !== null) ?? (results[0] as WriteResult);
  }
}

/** Moves checkpoints, then appends. */
export class MovesCheckpointsFirst extends WritesFirst {
  constructor() {
    super("checkpoint");
  }
}

/** Appends, then moves checkpoints. */
export class AppendsFirst extends WritesFirst {
  constructor() {
    super("append");
  }
}

/** Puts snapshots, then appends. */
export class PutsSnapshotsFirst extends WritesFirst {
  constructor() {
    super("snapshot");
  }
}

/** Looks where a checkpoint is, and then puts it where it is to be, wherever it is by now. */
export class ComparesThenSets extends StoreDriver {
  readonly #places = new Map<string, Position | null>();

  override async write(items: readonly WriteItem[]): Promise<WriteResult> {
    for (const { name, expected } of items.filter(isCheckpoint)) {
      const actual = await this.checkpoint(name);
      if (expected !== actual) throw new WrongCheckpoint(name, expected, actual);
    }
    const unconditional = items.map((item) => (isCheckpoint(item) ? { ...item, expected: this.#places.get(item.name) ?? null } : item));
    const written = super.write(unconditional);
    for (const { name, position: place } of items.filter(isCheckpoint)) this.#places.set(name, place);
    return written;
  }
}

/** Moves the checkpoint of a write also when its events are repeated. */
export class MovesOnRepetition extends StoreDriver {
  override async write(items: readonly WriteItem[]): Promise<WriteResult> {
    const result = await super.write(items);
    if (!result.repeated) return result;
    for (const item of items.filter(isCheckpoint)) await super.write([{ ...item, expected: await this.checkpoint(item.name) }]);
    return result;
  }
}

/** Answers a repeated write, and does nothing else of it. */
export class ForgetsOnRepetition extends StoreDriver {
  override async write(items: readonly WriteItem[]): Promise<WriteResult> {
    const appends = items.filter((item) => item.kind === "append");
    const written = new Set<string>();
    for await (const { id } of this.inner.read({ all: true })) written.add(id);
    const isRepeated = appends.length > 0 && appends.every(({ events }) => events.every(({ id }) => written.has(id)));
    return super.write(isRepeated ? appends : items);
  }
}

/** Takes every token for the last one. */
export class ForgetsTheToken extends StoreDriver {
  override readonly leases = new RemembersTheToken(this.inner.leases);

  override write(items: readonly WriteItem[]): Promise<WriteResult> {
    return super.write(items.map((item) => (isCheckpoint(item) ? { ...item, ...this.#tokenOf(item) } : item)));
  }

  #tokenOf({ name }: CheckpointItem): { readonly fence?: Fence } {
    const token = this.leases.tokens.get(name);
    return token === undefined ? {} : { fence: token };
  }
}

/** Lets a checkpoint move that comes without a token. */
export class NeedsNoToken extends ForgetsTheToken {
  override write(items: readonly WriteItem[]): Promise<WriteResult> {
    const hasToken = items.some((item) => isCheckpoint(item) && item.fence !== undefined);
    return hasToken ? this.inner.write(items) : super.write(items);
  }
}

class RemembersTheToken extends InnerLeases {
  readonly tokens = new Map<string, Fence>();

  override async acquire(name: string, owner: string, durationMs: number): Promise<Lease | undefined> {
    const lease = await super.acquire(name, owner, durationMs);
    if (lease !== undefined) this.tokens.set(name, lease.fence);
    return lease;
  }
}

function isCheckpoint(item: WriteItem): item is CheckpointItem {
  return item.kind === "checkpoint";
}
