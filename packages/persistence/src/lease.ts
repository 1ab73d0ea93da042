import { InvalidArgument } from "@reactive-domain/core";
import type { CallOptions } from "./read.ts";

declare const fenceBrand: unique symbol;

/**
 * A fencing token: whoever takes over gets a higher one, and what comes under a lower one is refused from then on. A worker that was held up cannot overwrite
 * what its successor has done. An integer from 1.
 */
export type Fence = number & { readonly [fenceBrand]: true };

/** A number as a fencing token. Errors: `invalid-argument` unless it is an integer from 1 to 2^53 - 1. */
export function fence(value: number): Fence {
  if (!isFence(value)) throw new InvalidArgument("fence", "an integer from 1 to 2^53 - 1", value);
  return value;
}

function isFence(value: number): value is Fence {
  return Number.isSafeInteger(value) && value >= 1;
}

/** The right to work under a name, for a time. */
export interface Lease {
  readonly name: string;
  readonly owner: string;
  readonly fence: Fence;
  /** When it ends unless it is renewed, by the store's clock. */
  readonly until: Date;
}

export interface AcquireOptions extends CallOptions {
  /** Who asks, 1 to 256 characters. Its own lease it gets again, under a new token. */
  readonly owner: string;
  /** How long it holds unless it is renewed, in milliseconds, from 1 to 365 days. */
  readonly durationMs: number;
}

export interface RenewOptions extends CallOptions {
  /** How long it holds from now, in milliseconds, from 1 to 365 days. */
  readonly durationMs: number;
}

/** One worker at a time under each name. A lease guards the checkpoint of its name, see {@link CheckpointItem}. */
export interface Leases {
  /** Takes a lease that nobody holds, or that has run out; `undefined` while another owner holds it. Errors: `invalid-argument`. */
  acquire(name: string, options: AcquireOptions): Promise<Lease | undefined>;
  /** Holds on to a lease, from now. One that has run out is renewed, too, as long as nobody else took it. Errors: `lease-lost`, `invalid-argument`. */
  renew(lease: Lease, options: RenewOptions): Promise<Lease>;
  /** Gives a lease back. One that is lost already is no error. */
  release(lease: Lease, options?: CallOptions): Promise<void>;
}
