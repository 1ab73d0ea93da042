import { hostname } from "node:os";
import { checkKeys, currentRuntime, InvalidArgument, type Position } from "@reactive-domain/core";
import { failProcess, tell } from "../listeners/tell.ts";
import { resumption, type ResumeOptions } from "../listeners/resumption.ts";
import { failurePolicy, type FailureOptions, type FailurePolicy } from "./failure-policy.ts";
import type { Lease } from "./held-generation.ts";

/** How projections run. */
export interface RunOptions {
  /** What others see who works, at most 256 characters. Default: the machine, the process, and an id. */
  readonly worker?: string;
  /** How long another worker waits for this one when it went away without a word, in milliseconds, from 1,000. Default 15,000. */
  readonly leaseMs?: number;
  /** How often to look for what was changed from elsewhere, and for a turn, in milliseconds, from 1. Default 1,000. */
  readonly pollMs?: number;
  /** In how many lanes, each with a transaction of its own, events are done whose keys differ, from 1 to 64. More than one is of use in PostgreSQL. Default 1. */
  readonly lanes?: number;
  /** What becomes of events that fail. */
  readonly failures?: FailureOptions;
  /** How it goes on after an interruption by the store or by what keeps it. Default: it is tried until it goes well, every 10 seconds in the end. */
  readonly resume?: ResumeOptions | false;
  /** Told when a projection has stopped for good. Default: a warning of the process, whose exit code becomes 1 where it is not set. */
  readonly onStopped?: (error: Error) => unknown;
  /** Told each time that an event fails. Default: only its health and its parked events tell. */
  readonly onFailure?: (failure: EventFailure) => unknown;
  /** Told of each interruption; it goes on by itself. Default: only its health tells. */
  readonly onInterruption?: (error: Error) => unknown;
}

/** An event that failed. */
export interface EventFailure {
  readonly projection: string;
  readonly position: Position;
  readonly type: string;
  readonly stream: string;
  /** What its handling changes: of documents the key of the item. */
  readonly key: string;
  readonly attempts: number;
  readonly error: unknown;
  /** Whether it is parked now. */
  readonly isParked: boolean;
}

/** The same, checked and complete. */
export interface RunSettings {
  readonly lease: Lease;
  readonly lanes: number;
  readonly policy: FailurePolicy;
  readonly backoff: ReturnType<typeof resumption>;
  readonly stopped: (error: Error) => void;
  readonly interrupted: (error: Error) => void;
  readonly failed: (failure: EventFailure) => void;
  /** Calls what is told, and has nobody wait for it. */
  readonly told: (call: () => unknown) => Promise<void>;
}

const KEYS = ["worker", "leaseMs", "pollMs", "lanes", "failures", "resume", "onStopped", "onInterruption", "onFailure"];
const MIN_LEASE_MS = 1_000;
const MAX_LEASE_MS = 24 * 60 * 60 * 1_000;
const MAX_WORKER_LENGTH = 256;
const MAX_LANES = 64;

/** Errors: `invalid-argument`. */
export function runSettings(options: RunOptions): RunSettings {
  checkKeys("options of projections", options, KEYS);
  const { worker = `${hostname()}:${process.pid}:${currentRuntime().ids.next()}`, leaseMs = 15_000, pollMs = 1_000, lanes = 1 } = options;
  const { failures, resume, onStopped = failProcess, onInterruption = ignored, onFailure = ignored } = options;
  if (
    typeof worker !== "string" ||
    worker.trim() === "" ||
    worker.length > MAX_WORKER_LENGTH ||
    !worker.isWellFormed() ||
    worker.includes("\0")
  )
    throw new InvalidArgument("worker", `well-formed text of 1 to ${MAX_WORKER_LENGTH} characters without NUL`, worker);
  checkInteger("leaseMs", leaseMs, MIN_LEASE_MS, MAX_LEASE_MS);
  checkInteger("pollMs", pollMs, 1);
  checkInteger("lanes", lanes, 1, MAX_LANES);
  for (const [name, listener] of Object.entries({ onStopped, onInterruption, onFailure }))
    if (typeof listener !== "function") throw new InvalidArgument(name, "a function", listener);
  return {
    lease: { worker, leaseMs, pollMs },
    lanes,
    policy: failurePolicy(failures),
    backoff: resumption(resume),
    stopped: (error) => void tell(onStopped, error),
    interrupted: (error) => void tell(onInterruption, error),
    failed: (failure) => void tell(onFailure, failure),
    told: (call) => tell(call, undefined),
  };
}

function checkInteger(name: string, value: number, least: number, most: number = Number.MAX_SAFE_INTEGER): void {
  if (!Number.isSafeInteger(value) || value < least || value > most)
    throw new InvalidArgument(name, `an integer from ${least} to ${most}`, value);
}

const ignored = (): void => undefined;
