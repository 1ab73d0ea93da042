import type { Acquisition, Fence, GenerationRef, ProjectionRecord, WorkerRequest } from "@reactive-domain/persistence";
import type { Statement } from "better-sqlite3";
import type { ProjectionParts } from "./projection-parts.ts";

/** Who works on generations. Each change needs a transaction. */
export class WorkerLeases {
  readonly #parts: ProjectionParts;
  readonly #nextFence: Statement<[], Fence>;
  readonly #give: Statement<[string | null, number | null, Fence, string, number]>;

  constructor(parts: ProjectionParts) {
    this.#parts = parts;
    this.#nextFence = parts.database.prepare<[], Fence>("UPDATE projection_fence SET last = last + 1 RETURNING last").pluck();
    this.#give = parts.database.prepare(
      "UPDATE projection_generations SET worker = ?, lease_until_ms = ?, fence = ? WHERE projection = ? AND generation = ?",
    );
  }

  acquire({ worker, leaseMs, ...ref }: WorkerRequest): Acquisition {
    const { catalog, nowMs } = this.#parts;
    const { worker: holder, leaseUntilMs } = catalog.generation(ref);
    const forMs = (leaseUntilMs ?? nowMs) - nowMs;
    if (holder !== null && holder !== worker && forMs > 0) return { heldBy: holder, forMs };
    const fence = this.#nextFence.get() as Fence;
    this.#give.run(worker, nowMs + leaseMs, fence, ref.projection, ref.generation);
    return { fence, wasAbandoned: holder !== null, record: catalog.record(ref.projection) };
  }

  renew(request: WorkerRequest & { readonly fence: Fence }): ProjectionRecord | undefined {
    const { catalog, nowMs } = this.#parts;
    const { projection, generation, worker, leaseMs, fence } = request;
    if ((catalog.held(request)?.worker ?? null) === null) return undefined;
    this.#give.run(worker, nowMs + leaseMs, fence, projection, generation);
    return catalog.record(projection);
  }

  release(request: GenerationRef & { readonly fence: Fence }): void {
    if (this.#parts.catalog.held(request) !== undefined) this.#give.run(null, null, request.fence, request.projection, request.generation);
  }
}
