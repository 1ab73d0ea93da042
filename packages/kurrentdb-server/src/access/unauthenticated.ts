import { status } from "@grpc/grpc-js";
import { Refusal } from "../wire/refusal.ts";

/** What who is not known to be a user is told. Clients make it their error of a denied access. */
export function unauthenticated(details: string): Refusal {
  return new Refusal(status.UNAUTHENTICATED, details);
}
