import { ReadModelRedefined } from "./errors.ts";
import type { ReadModelShape } from "./read-model-row.ts";

/** Key and fields as text, by which definitions are told apart. The order of fields tells nothing; that of the key does. */
export function shapeText({ listing }: ReadModelShape): string {
  const fields = Object.entries(listing.fields).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return JSON.stringify({ key: listing.key, fields: Object.fromEntries(fields) });
}

/** Errors: `read-model-redefined` where what is kept was made for another key or other fields. */
export function refuseOtherShape(shape: ReadModelShape, kept: string, where: string): void {
  const defined = shapeText(shape);
  if (defined !== kept) throw new ReadModelRedefined(`${shape.name}, schema version ${shape.schemaVersion},`, where, { defined, kept });
}
