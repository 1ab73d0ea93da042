/** How connections are encrypted. */
export interface TlsOptions {
  /** The server's certificate as PEM, and behind it those that lead to its authority. */
  readonly cert: string | Buffer;
  /** The private key of the certificate as PEM, without a passphrase. */
  readonly key: string | Buffer;
  /** The file with the certificate of the authority, which `url` tells clients to trust. Left out where their machines trust it anyway. */
  readonly caFile?: string;
}
