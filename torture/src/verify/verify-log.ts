import type { Findings } from "../findings.ts";
import type { Ledger } from "../ledger.ts";
import { SCRAP } from "../scrap.ts";
import type { LogMirror } from "./log-mirror.ts";

/** Holes in positions and versions, and work that is in the log twice. What was scavenged was known before. */
export function verifyLog(mirror: LogMirror, ledger: Ledger, findings: Findings): void {
  const cleaned = cleanedPositions(ledger);
  for (const position of mirror.missing) if (!cleaned.has(position)) findings.add("holes", `there is nothing at position ${position}`);
  for (const jump of mirror.jumps) if (!jump.startsWith(SCRAP)) findings.add("holes", jump);
  for (const key of mirror.repeatedKeys) findings.add("doubled", key);
}

/** Where events may be gone: the events of an append lie one behind the other. */
function cleanedPositions(ledger: Ledger): ReadonlySet<number> {
  const positions = new Set<number>();
  for (const { appends, result } of ledger.writes) {
    const [append] = appends;
    if (append === undefined || !append.stream.startsWith(SCRAP)) continue;
    const last = result?.streams[0]?.position;
    if (last !== undefined) for (let back = 0; back < append.ids.length; back++) positions.add(last - back);
  }
  return positions;
}

/** What was read once is still there, where it was. */
export function verifyUnchanged(before: LogMirror, now: LogMirror, findings: Findings): void {
  for (const { id, stream, version, position } of before.events) {
    const seen = now.byId.get(id);
    if (seen === undefined && !stream.startsWith(SCRAP)) findings.add("lost", `${id}, which was read at position ${position}`);
    if (seen !== undefined && (seen.position !== position || seen.version !== version || seen.stream !== stream))
      findings.add("lost", `${id} was at position ${position} and is at ${seen.position}`);
  }
}
