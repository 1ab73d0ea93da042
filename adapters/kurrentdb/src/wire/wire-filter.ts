import shared from "@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/shared_pb.js";
import messages from "@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb.js";
import type { ReadReq } from "@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb.js";

/** What the server leaves out of the log: one condition, on names of streams or on types. */
export interface WireFilter {
  readonly on: "stream" | "type";
  readonly prefixes?: readonly string[];
  readonly regex?: string;
}

export function compactFilter({ on, prefixes, regex }: WireFilter): ReadReq.Options.FilterOptions {
  const { FilterOptions } = messages.ReadReq.Options;
  const expression = new FilterOptions.Expression();
  if (prefixes !== undefined) expression.setPrefixList([...prefixes]);
  if (regex !== undefined) expression.setRegex(regex);
  const options = new FilterOptions();
  if (on === "stream") options.setStreamIdentifier(expression);
  else options.setEventType(expression);
  options.setCount(new shared.Empty());
  options.setCheckpointintervalmultiplier(1);
  return options;
}
