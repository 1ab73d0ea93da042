import { InvalidArgument, type Position } from "@reactive-domain/core";
import { refuseCommit, refuseElsewhere, type DriverAmendment, type DriverCommit } from "@reactive-domain/persistence/adapter";
import type { Database, Statement } from "better-sqlite3";
import { namerOf, type Generation } from "./generation.ts";
import type { Thrown } from "./guarded-work.ts";
import type { ProjectionParts } from "./projection-parts.ts";

type Rows = Pick<DriverCommit<Database>, "puts" | "deletes" | "settled" | "work">;

/** What workers commit. Each needs a transaction. */
export class ProjectionCommits {
  readonly #parts: ProjectionParts;
  readonly #move: Statement<[Position | null, string, number, number]>;
  readonly #count: Statement<[number, string, number]>;
  readonly #raise: Statement<[string]>;

  constructor(parts: ProjectionParts) {
    const { database } = parts;
    this.#parts = parts;
    this.#move = database.prepare("UPDATE projection_lanes SET position = ? WHERE projection = ? AND generation = ? AND lane = ?");
    this.#count = database.prepare("UPDATE projection_generations SET handled = handled + ? WHERE projection = ? AND generation = ?");
    this.#raise = database.prepare("UPDATE projections SET revision = revision + 1 WHERE name = ?");
  }

  /** Errors: as the port says of a commit. */
  commit(commit: DriverCommit<Database>): Thrown | undefined {
    const { catalog, entries, nowMs } = this.#parts;
    const generation = catalog.generation(commit);
    const { revision, pausedUntilMs } = catalog.projection(commit.projection);
    const { fence, status } = generation;
    refuseCommit(commit, { revision, pausedUntilMs, fence, status, lanes: catalog.lanes(generation), nowMs });
    const thrown = this.#carryOut(generation, commit);
    if (thrown !== undefined) return thrown;
    for (const { lane, position } of commit.moves) this.#move.run(position, commit.projection, commit.generation, lane);
    for (const entry of commit.entries) entries.put(commit, entry, nowMs);
    if (commit.handled > 0) this.#count.run(commit.handled, commit.projection, commit.generation);
    return undefined;
  }

  /** Errors: `projection-changed`, `projection-not-found`. */
  amend(amendment: DriverAmendment<Database>): Thrown | undefined {
    const { catalog } = this.#parts;
    const live = catalog.live(amendment.projection);
    refuseElsewhere(amendment.projection, amendment.lanes, catalog.lanes(live));
    const thrown = this.#carryOut(live, amendment);
    if (thrown === undefined) this.#raise.run(amendment.projection);
    return thrown;
  }

  /** What may fail comes first: then nothing is done. */
  #carryOut(generation: Generation, { puts, deletes, settled, work }: Rows): Thrown | undefined {
    const { database, entries, work: guarded } = this.#parts;
    const hasDocuments = puts.length > 0 || deletes.length > 0;
    const documents = hasDocuments ? this.#parts.documentsOf(generation) : undefined;
    if (work !== undefined) {
      if (generation.making.kind === "documents") throw new InvalidArgument("work", "left out for a projection of documents", work);
      const thrown = guarded.run(() => work(database, namerOf(generation)));
      if (thrown !== undefined) return thrown;
    }
    documents?.change({ puts, deletes });
    for (const ref of settled) entries.settle(generation, ref);
    return undefined;
  }
}
