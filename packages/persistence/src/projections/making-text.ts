import { ReadModelRedefined } from "../read-models/errors.ts";
import type { ReadModelShape } from "../read-models/read-model-row.ts";
import type { ProjectionMaking, ProjectionShape } from "./projection-store.ts";

/** What a generation was made for, as its {@link makingText} tells it. */
export type KeptMaking =
  | ({ readonly kind: "documents" } & Pick<ReadModelShape, "name" | "schemaVersion"> & Pick<ReadModelShape["listing"], "key" | "fields">)
  | { readonly kind: "tables"; readonly tables: readonly string[] };

/** What a generation is made for as JSON of a {@link KeptMaking}, by which makings are told apart. The order of fields and tables tells nothing; that of the key does. */
export function makingText<C>(shape: ProjectionShape<C>): string {
  if (shape.kind === "tables") return textOf({ kind: "tables", tables: shape.tables.toSorted() });
  const { name, schemaVersion, listing } = shape.shape;
  const fields = Object.entries(listing.fields).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return textOf({ kind: "documents", name, schemaVersion, key: listing.key, fields: Object.fromEntries(fields) });
}

/** Errors: `read-model-redefined` where a generation of the same version was made for something else. */
export function refuseOtherMaking<C>(
  { name, version, shape }: ProjectionMaking<C>,
  kept: readonly { readonly version: number; readonly making: string }[],
  where: string,
): void {
  const defined = makingText(shape);
  const other = kept.find((one) => one.version === version && one.making !== defined);
  if (other !== undefined) throw new ReadModelRedefined(`projection ${name}, version ${version},`, where, { defined, kept: other.making });
}

function textOf(making: KeptMaking): string {
  return JSON.stringify(making);
}
