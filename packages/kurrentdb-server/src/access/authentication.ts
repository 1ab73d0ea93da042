import { Metadata, ServerInterceptingCall, type ServerInterceptor } from "@grpc/grpc-js";
import { refusalOf } from "../wire/refusal-of.ts";
import { addressOf } from "./address-of.ts";
import type { Authenticate } from "./authenticate.ts";
import { setPrincipal } from "./principal.ts";

/** Notes who each call comes from, and refuses those that say so wrongly. */
export function authentication(authenticate: Authenticate): ServerInterceptor {
  return (_method, call) =>
    new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, proceed) => {
            void admitted(authenticate, metadata, call.getPeer()).then(
              () => proceed(metadata),
              (error: unknown) => {
                const { code, details } = refusalOf(error);
                call.sendStatus({ code, details, metadata: new Metadata() });
              },
            );
          },
        }),
    });
}

async function admitted(authenticate: Authenticate, metadata: Metadata, peer: string): Promise<void> {
  const [authorization] = metadata.get("authorization");
  setPrincipal(metadata, await authenticate(authorization?.toString(), addressOf(peer)));
}
