import { createHash } from "node:crypto";
import type { StoreRecord } from "@reactive-domain/persistence";

/** Counts records, and digests them in whatever order they come: stores keep them in orders of their own. */
export class RecordDigest {
  readonly #counts = new Map<StoreRecord["kind"], number>();
  readonly #sum = Buffer.alloc(32);

  add(records: readonly StoreRecord[]): void {
    for (const record of records) {
      this.#counts.set(record.kind, this.count(record.kind) + 1);
      const hash = createHash("sha256").update(inOrder(record)).digest();
      for (let index = 0; index < hash.length; index++) this.#sum[index] = (this.#sum[index] ?? 0) ^ (hash[index] ?? 0);
    }
  }

  count(kind: StoreRecord["kind"]): number {
    return this.#counts.get(kind) ?? 0;
  }

  get value(): string {
    return this.#sum.toString("hex");
  }
}

/** JSON with its keys in order. */
function inOrder(record: StoreRecord): string {
  return JSON.stringify(record, (_, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1)))
      : value,
  );
}
