import { Metadata, ServerInterceptingCall, type ServerInterceptor } from "@grpc/grpc-js";

/**
 * Answers the headers of a read before its request is there. Clients that send the two in separate segments, and the second only when the first is acknowledged (Nagle's algorithm), wait
 * for an acknowledgement that the system delays by 40 ms, unless it goes with something that is sent.
 */
export function earlyHeaders(readPath: string): ServerInterceptor {
  return ({ path }, call) => {
    if (path !== readPath) return new ServerInterceptingCall(call);
    return new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, proceed) => {
            call.sendMetadata(new Metadata());
            proceed(metadata);
          },
        }),
    });
  };
}
