import type { Position } from "@reactive-domain/core";
import type { ConsumerGroups, ParkedDelivery } from "@reactive-domain/persistence";
import { inColumns } from "../../in-columns.ts";
import type { Output } from "../../output.ts";
import { printable } from "../../printable.ts";
import { lookAtGroups, type GroupOptions } from "./group-access.ts";

export interface ListParkedDeliveriesOptions extends GroupOptions {
  readonly limit?: number;
}

const PAGE = 100;

/** Lists the events that a group has given up, by position. */
export async function listParkedDeliveries(name: string, options: ListParkedDeliveriesOptions, output: Output): Promise<void> {
  const parked = await lookAtGroups(options, (groups) => allOf(groups, name, options.limit));
  await output.write(options.json === true ? parked.map(asJson) : asTable(parked));
}

async function allOf(groups: ConsumerGroups, name: string, most = Number.POSITIVE_INFINITY): Promise<readonly ParkedDelivery[]> {
  const all: ParkedDelivery[] = [];
  for (let after: Position | undefined; all.length < most;) {
    const limit = Math.min(PAGE, most - all.length);
    const page = await groups.parked(name, { limit, ...(after === undefined ? {} : { after }) });
    all.push(...page);
    if (page.length < limit) break;
    after = page.at(-1)?.event.position;
  }
  return all;
}

function asJson({ event, error, attempts, parkedAt }: ParkedDelivery): string {
  const { position, stream, version, type } = event;
  return JSON.stringify({ position, stream, version, type, attempts, parkedAt, error });
}

function asTable(parked: readonly ParkedDelivery[]): readonly string[] {
  const rows = parked.map(({ event, error, attempts, parkedAt }) =>
    [String(event.position), String(attempts), parkedAt.toISOString(), event.type, event.stream, error].map(printable),
  );
  return inColumns([["POSITION", "ATTEMPTS", "SINCE", "TYPE", "STREAM", "ERROR"], ...rows], 2);
}
