import type { RecordedEvent } from "@reactive-domain/persistence";
import type { Findings } from "../../findings.ts";
import { groupedBy } from "../../grouped-by.ts";
import type { Taking } from "./consumer-protocol.ts";
import type { ConsumingLedger } from "./consuming-ledger.ts";
import { fateOf, GROUP_NAMES, keyOf, type GroupName } from "./fates.ts";
import { keyOfTarget, PARKED_STREAM } from "./replay-parked.ts";
import { isExplained } from "./interruptions.ts";

/** How often events were given out that had been before. */
export interface Again {
  /** As their fates say: they were refused, not answered, or replayed. */
  readonly planned: number;
  /** Though their consumer had acknowledged them. */
  readonly unplanned: number;
}

/** Of the log: what is consumed, and everything. */
export interface ConsumedLog {
  readonly entries: readonly RecordedEvent[];
  readonly all: readonly RecordedEvent[];
}

/** Holds what consumers were given and did against the log. */
export function verifyConsuming(log: ConsumedLog, ledger: ConsumingLedger, findings: Findings): Again {
  verifyParked(log, findings);
  let [planned, unplanned] = [0, 0];
  for (const group of GROUP_NAMES) {
    const byKey = groupedBy(takingsOf(ledger, group), ({ key }) => key);
    verifyKnown(group, byKey, log, findings);
    for (const event of log.entries) {
      const takings = byKey.get(keyOf(event)) ?? [];
      if (!takings.some(({ does }) => does === "ack"))
        findings.add("lost", `${group} has not done what follows from ${keyOf(event)} at ${event.position}`);
      if (fateOf(group, keyOf(event)) !== "park") verifySettled(event, takings, ledger, findings);
      const again = acknowledgedBefore(takings);
      unplanned += again.length;
      planned += Math.max(0, takings.length - 1 - again.length);
      for (const taking of again)
        if (!isExplained(taking, ledger.interruptions))
          findings.add(
            "doubled",
            `${group} was given ${taking.key} again, which was acknowledged at ${taking.atMs} ms when nothing was wrong`,
          );
    }
  }
  return { planned, unplanned };
}

function takingsOf({ takings }: ConsumingLedger, group: GroupName): readonly Taking[] {
  return takings.filter((taking) => taking.group === group).toSorted((one, other) => one.atMs - other.atMs);
}

/** All that is to be parked has been, and nothing else. */
function verifyParked({ entries, all }: ConsumedLog, findings: Findings): void {
  const parked = new Set(
    all.filter(({ stream }) => stream === PARKED_STREAM).map(({ data }) => keyOfTarget(Buffer.from(data).toString("utf8"))),
  );
  const wanted = new Set(entries.map((event) => keyOf(event)).filter((key) => fateOf("sorters", key) === "park"));
  for (const key of wanted) if (!parked.has(key)) findings.add("lost", `${key} was to be parked, and never was`);
  for (const key of parked) if (!wanted.has(key)) findings.addFault(`${key} was parked, and nobody had asked for that`);
}

function verifyKnown(group: GroupName, byKey: ReadonlyMap<string, unknown>, { entries }: ConsumedLog, findings: Findings): void {
  const known = new Set(entries.map((event) => keyOf(event)));
  for (const key of byKey.keys()) if (!known.has(key)) findings.addFault(`${group} was given ${key}, which is not in the log`);
}

/** What a server has told to be settled is given to nobody any more: only what was on its way before may come late, to whom it had been given already. */
function verifySettled(event: RecordedEvent, takings: readonly Taking[], { checkpoints }: ConsumingLedger, findings: Findings): void {
  const [first] = takings;
  const told = checkpoints.find(({ group, place }) => group === first?.group && place >= event.position);
  if (first === undefined || told === undefined) return;
  const before = takings.filter(({ atMs }) => atMs <= told.atMs);
  const attempt = Math.max(-1, ...before.map((taking) => taking.attempt));
  for (const taking of takings)
    if (taking.atMs > told.atMs && taking.attempt > attempt && !before.some(({ by }) => by === taking.by))
      findings.add(
        "doubled",
        `${taking.by} was given ${taking.key} (attempt ${taking.attempt}) when the server had told that it is settled`,
      );
}

/** Acknowledgements behind which the event came again all the same. */
function acknowledgedBefore(takings: readonly Taking[]): readonly Taking[] {
  return takings.slice(0, -1).filter(({ does }) => does === "ack");
}
