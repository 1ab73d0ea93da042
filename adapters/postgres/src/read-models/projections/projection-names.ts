import { quoted } from "../../schema/names.ts";
import { bounded, generationSuffix, type ReadModelPlace } from "../table-names.ts";

/** How long the name of an own table may be, so that a suffix finds room behind it. */
const MAX_BASE_LENGTH = 51;

/** Where it is kept what there is of projections, as SQL names it. */
export interface ProjectionNames {
  readonly projections: string;
  readonly generations: string;
  readonly lanes: string;
  readonly entries: string;
  /** The sequence of fencing tokens: none is given twice, also not to a projection that was removed and made again. */
  readonly fences: string;
  /** The bare names of indexes, which lie in the schema of their tables. */
  readonly index: (name: string) => string;
}

export function projectionNames({ schema, tablePrefix }: ReadModelPlace): ProjectionNames {
  const of = (name: string): string => `${quoted(schema)}.${quoted(`${tablePrefix}${name}`)}`;
  return {
    projections: of("projections"),
    generations: of("projection_generations"),
    lanes: of("projection_lanes"),
    entries: of("projection_entries"),
    fences: of("projection_fences"),
    index: (name) => quoted(`${tablePrefix}projection_${name}`),
  };
}

/** The name of an own table or of what belongs to it, as the catalogs of PostgreSQL tell it. */
export function ownName({ tablePrefix }: ReadModelPlace, name: string, generation?: number): string {
  return `${bounded(`${tablePrefix}${name}`, MAX_BASE_LENGTH)}${generation === undefined ? "" : generationSuffix(generation)}`;
}
