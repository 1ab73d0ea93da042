import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { CancelTask } from "@reactive-domain/core";
import { peerOf } from "../listener.ts";
import type { ServerContext } from "../server-context.ts";
import { answerOfError, HttpRefusal } from "./http-refusal.ts";
import type { HttpAnswer } from "./http-answer.ts";
import { bodyOf } from "./http-request.ts";
import { findRoute, type Route } from "./route.ts";
import { routesOf } from "./routes.ts";

const MAX_HEADER_BYTES = 16_384;
const IDLE_MS = 5_000;
const MAX_REASON_CHARACTERS = 200;
const BAD_REQUEST = "HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

/** Answers those who speak HTTP/1.1 over connections that are given to it. */
export class HttpEnd {
  readonly #context: ServerContext;
  readonly #isAdmitted: (peer: string) => boolean;
  readonly #routes: readonly Route[];
  readonly #server: Server;
  /** Of connections from which a request is awaited: what keeps them from being cut off. */
  readonly #awaited = new Map<Socket, CancelTask>();
  #answering = 0;
  #onIdle: (() => void) | undefined;

  constructor(context: ServerContext, isAdmitted: (peer: string) => boolean) {
    this.#context = context;
    this.#isAdmitted = isAdmitted;
    this.#routes = routesOf(context);
    this.#server = createServer({ maxHeaderSize: MAX_HEADER_BYTES, keepAliveTimeout: IDLE_MS }, (request, response) => {
      void this.#respond(request, response);
    });
    this.#server.on("clientError", (_error, socket) => {
      if (socket.writable) socket.end(BAD_REQUEST);
      else socket.destroy();
    });
  }

  /** Takes a connection over. */
  take(socket: Socket): void {
    socket.on("close", () => this.#stopAwaiting(socket));
    this.#await(socket);
    this.#server.emit("connection", socket);
  }

  /** Resolves when all requests are answered that are under way. */
  async drained(): Promise<void> {
    if (this.#answering === 0) return;
    await new Promise<void>((resolve) => {
      this.#onIdle = resolve;
    });
  }

  async #respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#answering += 1;
    // Also when the client is gone before it is answered.
    response.once("close", () => this.#responded(request.socket));
    // A body may end behind its answer, when the next request is awaited already.
    const awaited = this.#awaited.get(request.socket);
    request.once("end", () => {
      if (this.#awaited.get(request.socket) === awaited) this.#stopAwaiting(request.socket);
    });
    const answer = await this.#answered(request);
    if (!response.destroyed) send(response, answer, this.#context.stopping.aborted);
  }

  #responded(socket: Socket): void {
    this.#stopAwaiting(socket);
    if (!socket.destroyed) this.#await(socket);
    this.#answering -= 1;
    if (this.#answering === 0) this.#onIdle?.();
  }

  async #answered(request: IncomingMessage): Promise<HttpAnswer> {
    try {
      return await this.#routed(request);
    } catch (error) {
      return answerOfError(error);
    }
  }

  async #routed(request: IncomingMessage): Promise<HttpAnswer> {
    const { limits, stopping } = this.#context;
    if (!this.#isAdmitted(peerOf(request.socket)))
      throw new HttpRefusal(
        503,
        `The server has ${limits.maxConnections} connections, the most it takes (maxConnections). Connect again later.`,
      );
    if (stopping.aborted) throw new HttpRefusal(503, "The server is stopping. Connect again.");
    const { pathname, searchParams } = targetOf(request);
    const { route, params } = findRoute(this.#routes, request.method, pathname);
    refuseBrowsers(request);
    return route.answer({
      principal: await this.#context.authenticate(request.headers.authorization, request.socket.remoteAddress),
      params,
      query: searchParams,
      headers: request.headers,
      body: () => bodyOf(request, limits.maxMessageBytes),
    });
  }

  /** A client has so long for a whole request, since it connected or since the last one was answered. */
  #await(socket: Socket): void {
    const { runtime, limits } = this.#context;
    this.#awaited.set(
      socket,
      runtime.scheduler.after(limits.requestMs, () => socket.destroy()),
    );
  }

  #stopAwaiting(socket: Socket): void {
    this.#awaited.get(socket)?.();
    this.#awaited.delete(socket);
  }
}

/** The path and the query that a request asks for. Errors: {@link HttpRefusal} 400. */
function targetOf({ url = "" }: IncomingMessage): { readonly pathname: string; readonly searchParams: URLSearchParams } {
  if (!url.startsWith("/")) throw new HttpRefusal(400, "The target of the request must be a path, which begins with /.");
  const at = url.indexOf("?");
  return { pathname: at < 0 ? url : url.slice(0, at), searchParams: new URLSearchParams(at < 0 ? "" : url.slice(at)) };
}

/** A page of another site, shown on this machine, must not do here what its user could: browsers say on whose behalf they change something. */
function refuseBrowsers({ method, headers }: IncomingMessage): void {
  if (method === "GET" || method === "HEAD") return;
  if (headers.origin !== undefined) throw new HttpRefusal(403, "Pages of browsers may change nothing here. Use a client of KurrentDB.");
}

function send(response: ServerResponse, answer: HttpAnswer, isLast: boolean): void {
  const text = answer.body === undefined ? "" : JSON.stringify(answer.body);
  const reason = answer.status < 400 ? undefined : reasonOf(answer);
  response.writeHead(answer.status, reason, {
    ...(text !== "" && { "content-type": "application/json; charset=utf-8" }),
    "content-length": Buffer.byteLength(text),
    "cache-control": "no-store",
    ...(isLast && { connection: "close" }),
    ...answer.headers,
  });
  response.end(text);
}

/** Clients show the words beside the status, and those alone. */
function reasonOf({ body }: HttpAnswer): string {
  const error = body !== undefined && "error" in body && typeof body.error === "string" ? body.error : "";
  return error.replaceAll(/[^\x20-\x7e]/g, "?").slice(0, MAX_REASON_CHARACTERS);
}
