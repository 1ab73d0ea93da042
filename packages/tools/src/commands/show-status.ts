import type { CopyProgress, StoreSize, StoreStatus } from "@reactive-domain/persistence";
import { bytesText } from "../bytes-text.ts";
import { inColumns } from "../in-columns.ts";
import { maintain, type MaintenanceOptions } from "../open-maintenance.ts";
import type { Output } from "../output.ts";
import { printable } from "../printable.ts";

export interface ShowStatusOptions extends MaintenanceOptions {
  readonly sizes?: boolean;
}

type Rows = readonly (readonly string[])[];

/** Tells how a store is doing, from outside. */
export async function showStatus(options: ShowStatusOptions, output: Output): Promise<void> {
  const { sizes = false, json } = options;
  const status = await maintain(options, (maintenance) => maintenance.status({ sizes }));
  await output.write(json === true ? [JSON.stringify(status)] : asText(status, sizes));
}

function asText(status: StoreStatus, wantsSizes: boolean): readonly string[] {
  const { checkpoints, groups, sizes } = status;
  return [
    ...inColumns(facts(status), 0),
    ...table(
      ["POSITION", "LAG", "CHECKPOINT"],
      checkpoints.map((row) => [row.position, row.lag, row.name]),
    ),
    ...table(
      ["LAG", "WAITING", "CLAIMED", "PARKED", "GROUP"],
      groups.map(({ lag, waiting, claimed, parked, name }) => [lag, waiting, claimed, parked, name]),
    ),
    ...table(
      ["BYTES", "TABLE OR INDEX"],
      (sizes ?? []).map(({ bytes, name }) => [bytes, name]),
    ),
    ...(wantsSizes && sizes === null ? ["", "The store cannot tell the sizes of its tables."] : []),
  ];
}

function facts(status: StoreStatus): Rows {
  const { location, durability, epoch, schema, size, head, events, bytesPerEvent } = status;
  return [
    ["store", printable(location)],
    ["durability", durability],
    [
      "schema",
      schema.version === schema.newest ? `${schema.version}, the newest` : `${schema.version}, and the newest is ${schema.newest}`,
    ],
    ["epoch", epoch],
    ["size", sizeText(size)],
    ["head", head === null ? "before the first event" : `${head}`],
    ["events", events.isExact ? `${events.count}` : `at most ${events.count}`],
    ["bytes per event", bytesPerEvent === null ? "-" : `${bytesPerEvent}`],
    ["streams", `${status.streams}`],
    ["snapshots", `${status.snapshots}`],
    ...(status.copy === null ? [] : [["copy", copyText(status.copy)]]),
  ];
}

function sizeText({ bytes, logBytes, freeBytes }: StoreSize): string {
  const ahead = logBytes === null ? "" : `, ahead of it ${bytesText(logBytes)}`;
  return bytesText(bytes) + ahead + (freeBytes === null ? "" : `, free in it ${bytesText(freeBytes)}`);
}

function copyText({ isLevel, upTo }: CopyProgress): string {
  const place = upTo === null ? "before the first event" : `up to position ${upTo}`;
  return isLevel ? `whole, ${place}; the first write to it ends it` : `not whole yet, ${place}; writes are refused until it is`;
}

/** Without its header where there is nothing in it. The name comes last, and is text. */
function table(header: readonly string[], rows: readonly (readonly (string | number)[])[]): readonly string[] {
  if (rows.length === 0) return [];
  return ["", ...inColumns([header, ...rows.map((row) => row.map((value) => printable(String(value))))], header.length - 1)];
}
