import { tellLine } from "../../child/reporter.ts";
import type { ConsumerReport } from "./consumer-protocol.ts";

/** Tells the parent, and returns when the line has left this process: it survives its death. */
export function tell(report: ConsumerReport): void {
  tellLine(JSON.stringify(report));
}
