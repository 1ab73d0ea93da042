import type { Socket } from "node:net";

/** What a client begins to speak. `undefined` for what this server does not. */
export type Protocol = "http/2" | "http/1.1" | undefined;

const HTTP2 = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
/** No method of HTTP/1.1 is PRI. */
const ENOUGH = 4;
const HTTP1 = /^[A-Z]/;

/** Waits for the first bytes of a client, and leaves them to be read by whoever takes the connection then. */
export function whenSpoken(socket: Socket, take: (protocol: Protocol) => void): void {
  let held = Buffer.alloc(0);
  const look = (): void => {
    const bytes = socket.read() as Buffer | null;
    if (bytes === null) return;
    held = Buffer.concat([held, bytes]);
    if (held.length < ENOUGH && HTTP2.subarray(0, held.length).equals(held)) return;
    socket.off("readable", look);
    socket.unshift(held);
    take(protocolOf(held));
  };
  socket.on("readable", look);
}

function protocolOf(begin: Buffer): Protocol {
  if (begin.subarray(0, ENOUGH).equals(HTTP2.subarray(0, ENOUGH))) return "http/2";
  return HTTP1.test(begin.toString("latin1", 0, 1)) ? "http/1.1" : undefined;
}
