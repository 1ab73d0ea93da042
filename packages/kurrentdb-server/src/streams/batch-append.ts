import type { ServerDuplexStream } from "@grpc/grpc-js";
import type { ServerContext } from "../server-context.ts";
import type { BatchPiece } from "../wire/decode-append.ts";
import { BatchCall } from "./batch-call.ts";

/** Appends of many callers over one connection, each answered as soon as it is done. */
export function batchAppend(context: ServerContext) {
  return (call: ServerDuplexStream<BatchPiece, unknown>): void => {
    const batches = new BatchCall(context, call);
    call.on("data", (piece: BatchPiece) => batches.take(piece));
    call.on("end", () => batches.finish());
    call.on("cancelled", () => batches.leave());
  };
}
