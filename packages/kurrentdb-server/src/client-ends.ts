import { Metadata, ServerInterceptingCall, status, type ServerInterceptingCallInterface, type ServerInterceptor } from "@grpc/grpc-js";
import type { Http2Session, ServerHttp2Stream } from "node:http2";
import { Echoes } from "./echoes.ts";

/** How the decoder of grpc-js says that it is between two messages. */
const NO_DATA = 0;

/**
 * Takes a call that sends messages for one that its client has ended only where the client meant it. What is sent also ends, without an error, when the call is cancelled or its connection
 * breaks: half an append would be taken for all of it. Clients of Node even say that a call ends when they cancel it, and that they cancel it a turn later: so they are asked twice whether
 * they are there. The first answer may come between the two, the second not.
 */
export function clientEnds(): ServerInterceptor {
  const echoes = new Echoes();
  return ({ requestStream, responseStream }, call) => {
    if (!requestStream || responseStream) return new ServerInterceptingCall(call);
    const onReceiveHalfClose = (proceed: () => void): void => {
      const session = sessionOf(call);
      echoes.after(session, () => echoes.after(session, () => proceedUnlessCancelled(call, proceed)));
    };
    return new ServerInterceptingCall(call, { start: (next) => next({ onReceiveHalfClose }) });
  };
}

/** Whether what came last is a message that is not whole. */
function endsWithinMessage(call: ServerInterceptingCallInterface): boolean {
  const decoder = Reflect.get(call, "decoder") as { readonly readState?: number } | undefined;
  return (decoder?.readState ?? NO_DATA) !== NO_DATA;
}

/** Asked to read on, grpc-js looks whether the call was broken off. If so it tells in the next tick, and `proceed` does nothing any more. */
function proceedUnlessCancelled(call: ServerInterceptingCallInterface, proceed: () => void): void {
  if (endsWithinMessage(call)) {
    call.sendStatus({ code: status.INTERNAL, details: "The call ended within a message. Nothing was done.", metadata: new Metadata() });
    return;
  }
  call.startRead();
  process.nextTick(proceed);
}

/** grpc-js has no other way to its connection, nor to what it has read of a message. */
function sessionOf(call: ServerInterceptingCallInterface): Http2Session | undefined {
  const stream = Reflect.get(call, "stream") as ServerHttp2Stream | undefined;
  return stream?.session;
}
