import { status } from "@grpc/grpc-js";
import { Refusal } from "../wire/refusal.ts";
import { SYSTEM_PROJECTIONS } from "./system-projections.ts";

export function projectionNotFound(name: string): Refusal {
  return new Refusal(
    status.NOT_FOUND,
    `There is no projection ${name}. The projections of this server are ${SYSTEM_PROJECTIONS.join(", ")}.`,
  );
}

/** What a client is told that wants a projection of its own. */
export function ownProjection(): Refusal {
  return new Refusal(
    status.UNIMPLEMENTED,
    "This server runs no projections in JavaScript, and takes none. Read $ce-, $et-, $bc- or $category- streams or $streams, or fold events in your application.",
  );
}

/** What a client is told that wants a system projection to be another one, or none. */
export function systemProjection(name: string): Refusal {
  return new Refusal(status.UNIMPLEMENTED, `Projection ${name} is one of the system's and cannot be deleted. Disable it.`);
}
