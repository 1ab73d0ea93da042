import { setTimeout as sleep } from "node:timers/promises";
import type { ProjectionCommit, ProjectionStore, ReadModels } from "@reactive-domain/persistence";
import type { Connection } from "../tallies.ts";

type Projections = ProjectionStore<Connection>;
type Commit = Projections["commit"];

/** Wide enough that a kill or a stop finds it open. */
const GAP_MS = 15;
const STOP_GAP_MS = 60;

/** Faults that what keeps projections could have. Each has to be found. */
const COMMITS: Readonly<Record<string, (store: Projections) => Commit>> = {
  "early-move": (store) => async (commit, options) => {
    const { work, documents, ...moves } = commit;
    if (commit.moves.length === 0 || (work === undefined && documents === undefined)) return store.commit(commit, options);
    await store.commit(moves, options);
    await sleep(GAP_MS);
    return store.commit({ ...commit, moves: [], handled: 0, entries: [], settled: [] }, options);
  },
  unfenced: (store) => async (commit, options) => {
    await sleep(STOP_GAP_MS);
    return store.commit(await asIfHeld(store, commit), options);
  },
};

/** The names of those sabotages. */
export const VIEW_SABOTAGES: readonly string[] = Object.keys(COMMITS);

/** A commit with the token, the revision and the places that its generation has now, whoever has it. */
async function asIfHeld(store: Projections, commit: ProjectionCommit<Connection>): Promise<ProjectionCommit<Connection>> {
  const record = await store.find(commit.projection);
  const generation = record?.generations.find((one) => one.generation === commit.generation);
  if (record === undefined || generation === undefined) return commit;
  const moves = commit.moves.map((move) => ({ ...move, expected: generation.lanes[move.lane] ?? null }));
  return { ...commit, moves, revision: record.revision, fence: generation.fence ?? commit.fence };
}

/** What keeps projections as they get it: itself, or with a fault. */
export function sabotagedViews(views: ReadModels<Connection>, sabotage: string | null): ReadModels<Connection> {
  const change = sabotage === null ? undefined : COMMITS[sabotage];
  if (change === undefined) return views;
  const commit = change(views.projections);
  const projections = new Proxy(views.projections, {
    get: (target, name) => (name === "commit" ? commit : boundTo(target, Reflect.get(target, name, target))),
  });
  return new Proxy(views, {
    get: (target, name) => (name === "projections" ? projections : boundTo(target, Reflect.get(target, name, target))),
  });
}

function boundTo(target: object, member: unknown): unknown {
  return typeof member === "function" ? (member.bind(target) as unknown) : member;
}
