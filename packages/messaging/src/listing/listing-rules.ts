export type FieldType = "string" | "number" | "boolean";

/** The fields that may be filtered and sorted by, with what they hold. */
export type FieldTypes = Readonly<Record<string, FieldType>>;

interface ValueOfType {
  readonly string: string;
  readonly number: number;
  readonly boolean: boolean;
}

/** An item as a definition knows it. */
export type RowOf<F extends FieldTypes> = { readonly [N in keyof F]: ValueOfType[F[N]] | null };

/** What may be asked of a list. */
export interface ListingRules<F extends FieldTypes = FieldTypes> {
  /** The fields that no two items have in common. */
  readonly key: readonly string[];
  readonly fields: F;
  /** How many items a page has where nobody says. */
  readonly defaultSize: number;
  /** How many items a page may have. */
  readonly maxSize: number;
}
