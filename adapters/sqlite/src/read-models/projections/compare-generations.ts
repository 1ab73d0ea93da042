import { ProjectionNotFound, type GenerationComparison, type GenerationPair, type TableComparison } from "@reactive-domain/persistence";
import { sqliteFailure } from "../../sqlite-failure.ts";
import { SqlThread } from "../../sql-thread.ts";
import { compareRows, type ComparedTable } from "./compare-rows.ts";
import { generationOf, type Generation, type GenerationRow } from "./generation.ts";
import { GENERATIONS } from "./projection-catalog.ts";

interface ComparedFile {
  readonly path: string;
  /** What errors call it. */
  readonly where: string;
}

/** Holds generations against each other in a thread of its own, within a transaction that reads. Errors: `projection-not-found`. */
export async function compareGenerations(
  { path, where }: ComparedFile,
  name: string,
  pair: Required<GenerationPair>,
): Promise<GenerationComparison> {
  await using thread = new SqlThread({ path, readOnly: false });
  try {
    await thread.all("BEGIN");
    const generations = (await thread.all<GenerationRow>(GENERATIONS, name)).map(generationOf);
    const find = (number: number): Generation => {
      const found = generations.find(({ generation }) => generation === number);
      if (found === undefined) throw new ProjectionNotFound(name, where, generations.length === 0 ? undefined : number);
      return found;
    };
    const tables: TableComparison[] = [];
    for (const table of comparedTables(find(pair.one), find(pair.other))) tables.push(await compareRows(thread, table, pair.samples));
    return { tables };
  } catch (error) {
    throw sqliteFailure(error, where);
  }
}

function comparedTables(one: Generation, other: Generation): readonly ComparedTable[] {
  const [ones, others] = [tablesByName(one), tablesByName(other)];
  const names = [...new Set([...ones.keys(), ...others.keys()])];
  return names.map((name) => ({ name, sides: [ones.get(name), others.get(name)], of: kindOf(one, other) }));
}

/** Items have the name of their read model, whatever its schema version. */
function tablesByName({ making, tables }: Generation): ReadonlyMap<string, string> {
  return new Map(tables.map(({ name, table }) => [making.kind === "documents" ? making.name : name, table]));
}

function kindOf({ making: one }: Generation, { making: other }: Generation): ComparedTable["of"] {
  if (one.kind === "tables" || other.kind === "tables") return "rows";
  return one.name === other.name && one.key.join() === other.key.join() ? { key: one.key } : "items";
}
