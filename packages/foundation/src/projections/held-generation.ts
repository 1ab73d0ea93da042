import { onAbort, sleep, warn, type Runtime } from "@reactive-domain/core";
import {
  Fenced,
  ProjectionChanged,
  type Fence,
  type GenerationRef,
  type ProjectionRecord,
  type ProjectionStore,
} from "@reactive-domain/persistence";

/** How a generation is held. */
export interface Lease {
  readonly worker: string;
  readonly leaseMs: number;
  /** How often the record is looked at for changes from elsewhere. */
  readonly pollMs: number;
}

/** A generation in the hands of a worker: renewed as long as it is held, and watched for changes from elsewhere. */
export class HeldGeneration<C> implements AsyncDisposable {
  readonly generation: number;
  readonly #store: ProjectionStore<C>;
  readonly #ref: GenerationRef;
  readonly #lease: Lease;
  readonly #runtime: Runtime;
  #fence: Fence | undefined;
  #wasAbandoned = false;

  constructor(store: ProjectionStore<C>, ref: GenerationRef, { lease, runtime }: { readonly lease: Lease; readonly runtime: Runtime }) {
    this.generation = ref.generation;
    this.#store = store;
    this.#ref = ref;
    this.#lease = lease;
    this.#runtime = runtime;
  }

  get fence(): Fence {
    if (this.#fence === undefined) throw new Fenced(this.#ref.projection, undefined, undefined);
    return this.#fence;
  }

  /** Whether who had it before went away without giving it back. */
  get wasAbandoned(): boolean {
    return this.#wasAbandoned;
  }

  get pollMs(): number {
    return this.#lease.pollMs;
  }

  /** Takes it, or tells who has it and when to ask again. */
  async acquire(): Promise<{ readonly worker: string; readonly waitMs: number } | undefined> {
    const { worker, leaseMs, pollMs } = this.#lease;
    const outcome = await this.#store.acquire({ ...this.#ref, worker, leaseMs });
    if ("heldBy" in outcome) return { worker: outcome.heldBy, waitMs: Math.min(outcome.forMs + 1, pollMs) };
    this.#fence = outcome.fence;
    this.#wasAbandoned = outcome.wasAbandoned;
    return undefined;
  }

  /** What there is to know of the projection now. Errors: `fenced` where it is somebody else's. */
  async look(): Promise<ProjectionRecord> {
    const { worker, leaseMs } = this.#lease;
    const record = await this.#store.renew({ ...this.#ref, worker, leaseMs, fence: this.fence });
    if (record === undefined) throw new Fenced(this.#ref.projection, this.fence, undefined);
    return record;
  }

  /** Resolves when the record is another, or some time has passed. */
  async changed(revision: number, ms: number, signal: AbortSignal): Promise<void> {
    using watching = new Watching(this, revision);
    const leave = onAbort(signal, () => watching.end());
    try {
      await sleep(ms, { signal: watching.signal, runtime: this.#runtime }).catch(() => undefined);
    } finally {
      leave();
    }
  }

  /** Renews it, and tells when it is lost or the record is another. Answers how to stop that. */
  watch(revision: number, changed: (reason: Error) => void, isStuck: () => boolean = () => false): () => void {
    const { pollMs, leaseMs } = this.#lease;
    const { clock, scheduler } = this.#runtime;
    let renewedMs = clock.monotonicMs();
    let cancel = scheduler.after(Math.min(pollMs, leaseMs / 3), () => void look());
    let isStopped = false;
    const look = async (): Promise<void> => {
      try {
        // One that does not come back is not held for ever: another worker tries it.
        const isDue = clock.monotonicMs() - renewedMs >= leaseMs / 3 && !isStuck();
        const record = isDue ? await this.look() : await this.#store.find(this.#ref.projection);
        if (isDue) renewedMs = clock.monotonicMs();
        if (record?.revision !== revision && !isStopped)
          changed(new ProjectionChanged(this.#ref.projection, `is at revision ${record?.revision ?? "none"}`));
      } catch (error) {
        // What cannot be reached is found out by the next commit, too; one that is lost must not be worked on.
        if (error instanceof Fenced && !isStopped) changed(error);
      }
      if (!isStopped) cancel = scheduler.after(Math.min(pollMs, leaseMs / 3), () => void look());
    };
    return () => {
      isStopped = true;
      cancel();
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#fence === undefined) return;
    try {
      await this.#store.release({ ...this.#ref, fence: this.#fence });
    } catch (error) {
      // Its lease ends by itself.
      warn(error);
    }
  }
}

class Watching implements Disposable {
  readonly #controller = new AbortController();
  readonly #stop: () => void;

  constructor(held: HeldGeneration<never>, revision: number) {
    this.#stop = held.watch(revision, () => this.end());
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  end(): void {
    this.#controller.abort(new Error("changed"));
  }

  [Symbol.dispose](): void {
    this.#stop();
  }
}
