/** A server that is listening. */
export interface KurrentServer extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** What clients connect to, like `kurrentdb://127.0.0.1:2113?tls=false`; with TLS on this machine by the name `localhost`, where the certificate has that. It has no password. */
  readonly url: string;
  /**
   * Takes no new calls, ends subscriptions, finishes the rest, and stops. What is not finished after `drainMs` is cut off. The store stays open: it is its owner's.
   * Calling it again waits for the same end.
   */
  close(): Promise<void>;
}
