import { checkKeys, InvalidArgument, warn } from "@reactive-domain/core";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Health, HealthReport } from "./health.ts";
import { jsonPage, pagesOf, type Page } from "./health-pages.ts";
import { shownError, type ShownError } from "./shown-error.ts";

/** What a health handler answers. */
export interface HealthHandlerOptions {
  /** What its paths begin with, like `/internal`. Default: nothing. */
  readonly prefix?: string;
  /**
   * What `/health` tells of an error. Default: its code, and the message of one that extends `ReactiveDomainError`, where the code of its cause stands in the place of what
   * that says; of another one no message.
   */
  readonly showError?: (error: Error) => ShownError;
}

/** A `RequestListener` of `node:http`, and a step of Connect and Express: with a `next` it leaves other paths to that. */
export type HealthHandler = (request: IncomingMessage, response: ServerResponse, next?: () => void) => void;

/**
 * Makes a handler that shows a health over HTTP, to `GET` and `HEAD`:
 *
 * - `/health`: JSON, `{ status, alarms, workers }` as of {@link HealthReport}, with 200, or 503 where it is `failing`
 * - `/health/live` and `/health/ready`: probes, JSON, `{ status: "ok" | "failing", because: [names of workers] }`, with 200 or 503
 * - `/metrics`: the text format of Prometheus, version 0.0.4
 *
 * Another method is 405; another path is 404, which tells these. It lets in whoever comes: keep it from the outside.
 *
 * Errors: `invalid-argument`.
 *
 * @example
 * createServer(healthHandler(health)).listen(9000, "127.0.0.1");
 */
export function healthHandler(health: Health, options: HealthHandlerOptions = {}): HealthHandler {
  if (typeof health?.report !== "function") throw new InvalidArgument("health", "a health, as of createHealth", health);
  checkKeys("options of a health handler", options, ["prefix", "showError"]);
  const { prefix = "", showError = shownError } = options;
  if (typeof prefix !== "string" || !/^(\/[^/?#\s]+)*$/.test(prefix))
    throw new InvalidArgument("prefix", "a path like /internal, without a slash at its end", prefix);
  if (typeof showError !== "function") throw new InvalidArgument("showError", "a function", showError);
  const pages = pagesOf(prefix, showError);
  return (request, response, next) => {
    const show = pages.get(pathOf(request));
    if (show !== undefined) answer(request, response, () => pageOf(health, show)).catch(warn);
    else if (typeof next === "function") next();
    else answer(request, response, async () => jsonPage(404, { error: "not-found", paths: [...pages.keys()] })).catch(warn);
  };
}

/** Answers with a page, unless the method is none that is answered. */
async function answer(request: IncomingMessage, response: ServerResponse, page: () => Promise<Page>): Promise<void> {
  const isAllowed = request.method === "GET" || request.method === "HEAD";
  const { code, type, body } = isAllowed ? await page() : jsonPage(405, { error: "method-not-allowed", allow: ["GET", "HEAD"] });
  response.writeHead(code, {
    "content-type": type,
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
    ...(code === 405 && { allow: "GET, HEAD" }),
  });
  // Node leaves it out of an answer to HEAD.
  response.end(body);
}

/** What cannot be shown is told to the process, and not to who asks. */
async function pageOf(health: Health, show: (report: HealthReport) => Page): Promise<Page> {
  try {
    return show(await health.report());
  } catch (error) {
    warn(error);
    return jsonPage(500, { error: "not-shown" });
  }
}

function pathOf({ url = "/" }: IncomingMessage): string {
  return url.split("?", 1)[0] ?? url;
}
