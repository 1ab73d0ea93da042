import { describedStream } from "../metadata/described-stream.ts";
import { isKeptStream } from "../projections/system-projections.ts";
import { SUBSCRIPTIONS_STREAM } from "../subscriptions/subscriptions-stream.ts";
import { USER_STREAM_PREFIX } from "../users/user-record.ts";
import { isMade } from "../views/view-of.ts";
import { accessDenied, invalidArgument } from "../wire/refusal.ts";

const WHOLE_LOG = "$all";

/** Refuses to write to streams that are made of others. Errors: invalid argument, access denied. */
export function refuseReserved(stream: string): void {
  if (!stream.startsWith("$")) {
    if (stream === "") throw invalidArgument("The request names no stream.");
    return;
  }
  const described = describedStream(stream);
  if (described === "" || (described !== undefined && describedStream(described) !== undefined))
    throw invalidArgument(`${stream} is no name of a stream: the name of what is told of stands behind one $$, and tells of nothing else.`);
  const name = described ?? stream;
  if (stream === WHOLE_LOG || isMade(name))
    throw accessDenied(`Stream ${stream} is made of the events of other streams and cannot be written. Write to those.`);
  if (isKeptStream(name))
    throw accessDenied(`Stream ${stream} keeps how a projection is and cannot be written. Enable, disable or reset the projection.`);
  if (name === SUBSCRIPTIONS_STREAM)
    throw accessDenied(`Stream ${stream} has the persistent subscriptions and cannot be written. Create, update or delete them.`);
  if (name.startsWith(USER_STREAM_PREFIX))
    throw accessDenied(`Stream ${stream} has a user, and cannot be written. Users are managed by calls of their own.`);
}

/** Refuses to delete what belongs to another stream, or is made of others. Errors: invalid argument, access denied. */
export function refuseTold(stream: string): void {
  refuseReserved(stream);
  if (describedStream(stream) !== undefined)
    throw accessDenied(
      `Stream ${stream} tells of another stream and cannot be deleted. Write an event without keys to it to say nothing more.`,
    );
}
