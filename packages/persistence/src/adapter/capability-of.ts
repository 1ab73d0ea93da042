import type { Capability } from "../capability.ts";
import type { WriteOptions } from "../event-store.ts";
import type { WriteItem } from "../write.ts";

const NEEDED: Readonly<Record<WriteItem["kind"], Capability | undefined>> = {
  append: undefined,
  delete: "softDelete",
  tombstone: "tombstones",
  expect: "expectations",
  metadata: "streamMetadata",
  snapshot: "snapshots",
  checkpoint: "checkpoints",
  settle: "consumerGroups",
};

/** What changes a stream otherwise than by an append. */
const CHANGES_OF_STREAMS: ReadonlySet<WriteItem["kind"]> = new Set(["delete", "tombstone", "metadata"]);

/** The capabilities that a write needs. */
export function capabilitiesOf(items: readonly WriteItem[], { systemStreams }: WriteOptions): readonly Capability[] {
  const needed = items.flatMap(({ kind }) => NEEDED[kind] ?? []);
  if (systemStreams === true) needed.push("systemStreams");
  if (items.length === 1) return needed;
  const isMixed = items.some(({ kind }) => CHANGES_OF_STREAMS.has(kind));
  return isMixed ? ["severalItems", "mixedItems", ...needed] : ["severalItems", ...needed];
}
