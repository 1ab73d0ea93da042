import type { Direction } from "@reactive-domain/persistence";
import { LogFilter } from "../filters/log-filter.ts";
import type { SlowExpressions } from "../filters/slow-expressions.ts";
import type { View } from "../views/view.ts";
import { logView, viewOf } from "../views/view-of.ts";
import { placeOf } from "../wire/places.ts";
import { invalidArgument } from "../wire/refusal.ts";
import { streamName } from "../wire/stream-name.ts";
import type { UuidForm } from "../wire/uuid.ts";
import type { ReadReq, ReadReqOptions } from "./read-request.ts";

/** What a client asks for, understood. */
export interface ReadPlan {
  readonly view: View;
  readonly direction: Direction;
  /** A revision of the view. */
  readonly from: "start" | "end" | number;
  /** The most events to read; `undefined` for all. */
  readonly limit: number | undefined;
  readonly isSubscription: boolean;
  readonly filter: LogFilter | undefined;
  readonly resolvesLinks: boolean;
  readonly uuidForm: UuidForm;
  /** Whether the client wants to know the first and the last place of what it reads. */
  readonly tellsPlaces: boolean;
}

/** Errors: invalid argument where a request says too little, or what no server could do. */
export function readPlan({ options }: ReadReq, slow: SlowExpressions): ReadPlan {
  if (!options) throw invalidArgument("The request has no options: it does not say what to read.");
  const isSubscription = Boolean(options.subscription);
  const direction = options.read_direction === "Backwards" ? "backwards" : "forwards";
  if (isSubscription && direction === "backwards") throw invalidArgument("A subscription goes forwards. Read backwards instead.");
  if (!isSubscription && options.count === undefined)
    throw invalidArgument("The request says neither how many events to read nor that it is a subscription.");
  if (options.filter && !options.all) throw invalidArgument("Only $all can be filtered. Read $all, or leave out the filter.");
  return {
    view: whatToRead(options),
    direction,
    from: placeToStart(options),
    limit: isSubscription ? undefined : placeOf(options.count),
    isSubscription,
    filter: options.filter ? new LogFilter(options.filter, slow) : undefined,
    resolvesLinks: options.resolve_links === true,
    uuidForm: options.uuid_option?.structured ? "structured" : "string",
    tellsPlaces: (options.control_option?.compatibility ?? 0) >= 1,
  };
}

function whatToRead({ stream, all }: ReadReqOptions): View {
  if (all) return logView;
  if (stream) return viewOf(streamName(stream.stream_identifier));
  throw invalidArgument("The request names neither a stream nor $all.");
}

/** Numbers that no log will reach stand for its end. */
function placeToStart({ stream, all }: ReadReqOptions): ReadPlan["from"] {
  const option = all ?? stream;
  if (option?.start) return "start";
  if (option?.end) return "end";
  // A number in a message of its own is left out where it is 0.
  const told = all?.position ? (all.position.commit_position ?? "0") : stream?.revision;
  if (told === undefined) throw invalidArgument("The request does not say where to start. Say start, end, or a place.");
  return placeOf(told) ?? "end";
}
