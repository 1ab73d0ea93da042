import { ReactiveDomainError } from "@reactive-domain/core";

const PROBLEMS: Readonly<Record<string, string>> = {
  EADDRINUSE: "something else listens there. Stop it, or take another port; 0 takes a free one.",
  EACCES: "this process may not. Take a port from 1024, or give it the right.",
  EADDRNOTAVAIL: "this machine does not have that address. Take one of its own, like 127.0.0.1.",
  ENOTFOUND: "there is no such host. Take an address of this machine, like 127.0.0.1.",
};

/** A server cannot listen at its address. Nothing was started. `details.problem` has the system's code, like `EADDRINUSE`. */
export class CannotListen extends ReactiveDomainError {
  static readonly code = "cannot-listen";

  constructor(host: string, port: number, cause: NodeJS.ErrnoException) {
    const problem = cause.code ?? "unknown";
    super(CannotListen.code, `The server cannot listen at ${host}:${port}: ${PROBLEMS[problem] ?? `${cause.message}.`}`, {
      cause,
      details: { host, port, problem },
    });
  }
}

/** Connections cannot be encrypted with a certificate and its key. The message says why, and shows neither. */
export class InvalidCertificate extends ReactiveDomainError {
  static readonly code = "invalid-certificate";

  constructor(message: string, { cause }: { readonly cause?: unknown } = {}) {
    super(InvalidCertificate.code, message, { ...(cause !== undefined && { cause }) });
  }
}

/** A user cannot be changed so, or there is none of that name. The message says why, and shows no password. Nothing was written. */
export class UserRefused extends ReactiveDomainError {
  static readonly code = "user-refused";

  constructor(cause: Error) {
    super(UserRefused.code, cause.message, { cause });
  }
}
