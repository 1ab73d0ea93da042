import { Metadata, ServerInterceptingCall, status, type ServerInterceptor } from "@grpc/grpc-js";
import { stoppingRefusal } from "./streams/stopping-refusal.ts";

/** Who is let in. */
export interface Admission {
  readonly stopping: AbortSignal;
  readonly maxConnections: number;
  isAdmitted(peer: string): boolean;
}

/** Refuses calls of connections that are too many, and all calls of a server that stops. */
export function admission(by: Admission): ServerInterceptor {
  const { stopping, maxConnections } = by;
  return (_method, call) => {
    const isLetIn = by.isAdmitted(call.getPeer());
    if (isLetIn && !stopping.aborted) return new ServerInterceptingCall(call);
    const details = isLetIn
      ? stoppingRefusal().details
      : `The server has ${maxConnections} connections, the most it takes (maxConnections). Connect again later, or elsewhere.`;
    return new ServerInterceptingCall(call, {
      start: () => call.sendStatus({ code: status.UNAVAILABLE, details, metadata: new Metadata() }),
    });
  };
}
