import { request, type IncomingHttpHeaders } from "node:http";
import type { KurrentServer } from "@reactive-domain/kurrentdb-server";

/** What came back for a request. */
export interface HttpOutcome {
  readonly status: number;
  readonly reason: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

export interface Sent {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** Makes a request over HTTP/1.1 on a connection of its own. */
export function send(server: KurrentServer, methodAndPath: string, { headers = {}, body = "" }: Sent = {}): Promise<HttpOutcome> {
  const [method, path] = methodAndPath.split(" ");
  return new Promise((resolve, reject) => {
    const sent = request({ host: server.host, port: server.port, method, path, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.once("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        const { statusCode: status = 0, statusMessage: reason = "" } = response;
        resolve({ status, reason, headers: response.headers, body: text === "" ? undefined : JSON.parse(text) });
      });
    });
    sent.once("error", reject);
    sent.end(body);
  });
}

/** The headers of one event in JSON. */
export function eventHeaders(more: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  return { "content-type": "application/json", "es-eventtype": "AmountDeposited", "es-eventid": crypto.randomUUID(), ...more };
}
