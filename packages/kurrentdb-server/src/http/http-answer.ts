/** What a client is answered. */
export interface HttpAnswer {
  readonly status: number;
  /** Sent as JSON. Nothing is sent without it. */
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer with what was asked for. */
export function ok(body: object): HttpAnswer {
  return { status: 200, body };
}
