import type { CopyProgress, TransferStatus } from "@reactive-domain/persistence";
import type { Position } from "@reactive-domain/core";
import type { TextRow } from "../database.ts";
import { headOf } from "../schema/parts.ts";
import type { Names } from "../schema/names.ts";

const KEPT = ["events", "streams", "snapshots", "checkpoints", "leases", "consumer_groups"];

/** What tells whether a store is a copy, and how far it is. */
export function transferStatusQuery({ of }: Names): string {
  const isEmpty = KEPT.map((table) => `NOT EXISTS (SELECT 1 FROM ${of(table)})`).join(" AND ");
  return (
    `SELECT epoch, ${headOf(of)}, copy, head_position < 0 AND NOT (SELECT is_called FROM ${of("fences")}) AND ${isEmpty} ` +
    `FROM ${of("log")} WHERE one`
  );
}

/** The row of {@link transferStatusQuery}. */
export function transferStatus([log, head, copy, isEmpty]: TextRow): TransferStatus {
  return {
    log: log as string,
    head: Number(head) < 0 ? null : (Number(head) as Position),
    isEmpty: isEmpty === "t",
    copy: copy === null || copy === undefined ? null : (JSON.parse(copy) as CopyProgress),
  };
}
