import { status } from "@grpc/grpc-js";
import { Refusal } from "../wire/refusal.ts";

/** What a client is told while the server stops: it connects again, here or elsewhere. */
export function stoppingRefusal(): Refusal {
  return new Refusal(status.UNAVAILABLE, "The server is stopping. Connect again.");
}
