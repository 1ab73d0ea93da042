import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { Principal } from "../access/principal.ts";
import { HttpRefusal } from "./http-refusal.ts";

/** What a route gets of a request. */
export interface HttpRequest {
  readonly principal: Principal;
  /** What stands in the path where the route has a name. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** Errors: what is too long. */
  body(): Promise<Buffer>;
}

/** Reads the body of a request, as far as it may be long; what is beyond is passed over. Errors: {@link HttpRefusal} 413, 400 for one that breaks off. */
export function bodyOf(message: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  return new Promise((resolve, reject) => {
    message.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= maxBytes) chunks.push(chunk);
      else reject(tooLong(maxBytes));
    });
    message.once("end", () => resolve(Buffer.concat(chunks)));
    message.once("close", () => reject(new HttpRefusal(400, "The request broke off before it was whole. Nothing was done.")));
  });
}

function tooLong(maxBytes: number): HttpRefusal {
  return new HttpRefusal(413, `The body of a request may have ${maxBytes} bytes (maxMessageBytes), but has more. Send less at once.`);
}
