import { Fenced, ProjectionChanged, ProjectionNotFound, type ProjectionStore } from "@reactive-domain/persistence";
import { openSqliteReadModels } from "@reactive-domain/sqlite";
import { accounts } from "./child-swapper-views.ts";

const NAME = "accounts";

/** Puts one account into a generation, where nobody else has it. */
async function fill(projections: ProjectionStore, generation: number, owner: string): Promise<void> {
  const granted = await projections.acquire({ projection: NAME, generation, worker: owner, leaseMs: 1 });
  if ("heldBy" in granted) return;
  const documents = { shape: accounts, puts: [{ accountId: "a-1", owner }], deletes: [] };
  const { revision } = granted.record;
  await projections.commit({
    projection: NAME,
    generation,
    fence: granted.fence,
    revision,
    documents,
    moves: [],
    handled: 1,
    entries: [],
    settled: [],
  });
}

/** Builds generations and swaps them in, beside others that do so. A generation of somebody else may be gone, or be somebody's, at any time. */
async function swapBesideOthers(projections: ProjectionStore, name: string, count: number): Promise<void> {
  const making = (version: number) => ({ name: NAME, version, shape: { kind: "documents" as const, shape: accounts } });
  await projections.define(making(1));
  await unlessOvertaken(() => fill(projections, 1, name));
  for (let turn = 0; turn < count; turn++) {
    const record = await projections.build(making(2));
    const building = record.generations.find(({ status }) => status === "building")?.generation ?? 0;
    await unlessOvertaken(async () => {
      await fill(projections, building, name);
      const { generations } = (await projections.find(NAME)) ?? { generations: [] };
      const isFilled = generations.some(({ generation, handled }) => generation === building && handled > 0);
      if (isFilled) await projections.change(NAME, { kind: "swap", generation: building, notBehind: false });
    });
    process.stdout.write(`swapped ${building}\n`);
  }
}

async function unlessOvertaken(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Fenced || error instanceof ProjectionChanged || error instanceof ProjectionNotFound)) throw error;
  }
}

const [path = "", name = "", count = "0"] = process.argv.slice(2);
await using models = await openSqliteReadModels(path);
await swapBesideOthers(models.projections, name, Number(count));
