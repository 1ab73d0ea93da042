import { checkKeys, checkObject, InvalidArgument } from "@reactive-domain/core";
import type { Scalar } from "@reactive-domain/messaging";
import { checkCount } from "../adapter/check-read.ts";
import { checkDuration } from "../adapter/check-duration.ts";
import { checkTextToKeep, MAX_OWNER_CHARACTERS } from "../adapter/check-name.ts";
import type { Fence } from "../lease.ts";
import type { CallOptions } from "../read.ts";
import { checkedItem, checkedKey } from "../read-models/checked-item.ts";
import type { OpenCalls } from "../read-models/open-calls.ts";
import { checkMaking, checkProjectionName } from "./check-making.ts";
import type { ProjectionDriver, RowChanges } from "./projection-driver.ts";
import type { ProjectionEntry, ProjectionRecord } from "./projection-record.ts";
import type {
  Acquisition,
  DocumentChanges,
  EntriesOptions,
  GenerationComparison,
  GenerationPair,
  GenerationRef,
  ProjectionAmendment,
  ProjectionChange,
  ProjectionCommit,
  ProjectionMaking,
  ProjectionStore,
  ReplayEntriesOptions,
  WantedDocuments,
  WorkerRequest,
} from "./projection-store.ts";

const MAX = Number.MAX_SAFE_INTEGER;
const DEFAULT_ENTRIES = 100;
const DEFAULT_SAMPLES = 10;
const MAX_LANES = 64;

/** The port over a driver: checks, JSON, waiting, closing. */
export class DrivenProjections<C> implements ProjectionStore<C> {
  readonly #driver: ProjectionDriver<C>;
  readonly #calls: OpenCalls;

  constructor(driver: ProjectionDriver<C>, calls: OpenCalls) {
    this.#driver = driver;
    this.#calls = calls;
  }

  list(options: CallOptions = {}): Promise<readonly ProjectionRecord[]> {
    return this.#calls.run(options, () => this.#driver.list());
  }

  async find(name: string, options: CallOptions = {}): Promise<ProjectionRecord | undefined> {
    checkProjectionName(name);
    return this.#calls.run(options, () => this.#driver.find(name));
  }

  async define(making: ProjectionMaking<C>, options: CallOptions = {}): Promise<ProjectionRecord> {
    checkMaking(making);
    return this.#calls.run(options, () => this.#driver.define(making));
  }

  async build(making: ProjectionMaking<C>, options: CallOptions = {}): Promise<ProjectionRecord> {
    checkMaking(making);
    return this.#calls.run(options, () => this.#driver.build(making));
  }

  async remove(name: string, options: CallOptions = {}): Promise<boolean> {
    checkProjectionName(name);
    return this.#calls.run(options, () => this.#driver.remove(name));
  }

  async acquire(request: WorkerRequest, options: CallOptions = {}): Promise<Acquisition> {
    checkRequest(request);
    return this.#calls.run(options, () => this.#driver.acquire(request));
  }

  async renew(request: WorkerRequest & { readonly fence: Fence }, options: CallOptions = {}): Promise<ProjectionRecord | undefined> {
    checkRequest(request);
    return this.#calls.run(options, () => this.#driver.renew(request));
  }

  release(request: GenerationRef & { readonly fence: Fence }, options: CallOptions = {}): Promise<void> {
    return this.#calls.run(options, () => this.#driver.release(request));
  }

  async commit({ documents, ...commit }: ProjectionCommit<C>, options: CallOptions = {}): Promise<void> {
    const rows = rowsOf(documents);
    return this.#calls.run(options, () => this.#driver.commit({ ...commit, ...rows }));
  }

  async documents(
    ref: GenerationRef,
    { shape, keys }: WantedDocuments,
    options: CallOptions = {},
  ): Promise<readonly (string | undefined)[]> {
    const own = keys.map((key) => checkedKey(key, shape));
    return this.#calls.run(options, () => this.#driver.documents(ref, { shape, keys: own }));
  }

  async entries(ref: GenerationRef, options: EntriesOptions = {}): Promise<readonly ProjectionEntry[]> {
    checkKeys("options of entries", options, ["states", "key", "after", "limit", "signal", "context"]);
    const { limit = DEFAULT_ENTRIES, signal: _, context: __, ...rest } = options;
    checkCount("limit", limit, MAX);
    return this.#calls.run(options, () => this.#driver.entries(ref, { ...rest, limit }));
  }

  async replay(name: string, options: ReplayEntriesOptions = {}): Promise<number> {
    checkProjectionName(name);
    checkKeys("options of a replay", options, ["positions", "error", "limit", "signal", "context"]);
    const { signal: _, context: __, ...request } = options;
    if (request.limit !== undefined) checkCount("limit", request.limit, MAX);
    return this.#calls.run(options, () => this.#driver.replay(name, request));
  }

  async change(name: string, change: ProjectionChange, options: CallOptions = {}): Promise<ProjectionRecord> {
    checkProjectionName(name);
    checkObject("change", change);
    checkChange(change);
    return this.#calls.run(options, () => this.#driver.change(name, change));
  }

  async amend({ documents, ...amendment }: ProjectionAmendment<C>, options: CallOptions = {}): Promise<void> {
    const rows = rowsOf(documents);
    return this.#calls.run(options, () => this.#driver.amend({ ...amendment, ...rows }));
  }

  async compare(
    name: string,
    { samples = DEFAULT_SAMPLES, ...pair }: GenerationPair,
    options: CallOptions = {},
  ): Promise<GenerationComparison> {
    checkProjectionName(name);
    checkCount("samples", samples, MAX, 0);
    return this.#calls.run(options, () => this.#driver.compare(name, { ...pair, samples }));
  }
}

/** Errors: those of a repository's `put`. */
function rowsOf(documents: DocumentChanges | undefined): RowChanges {
  if (documents === undefined) return { puts: [], deletes: [] };
  const { shape, puts, deletes } = documents;
  return { puts: puts.map((item) => checkedItem(item, shape)), deletes: deletes.map((key): readonly Scalar[] => checkedKey(key, shape)) };
}

function checkChange(change: ProjectionChange): void {
  if (change.kind === "lanes") checkCount("lanes", change.lanes, MAX_LANES);
  if (change.kind === "pause" && change.until !== null && !(change.until instanceof Date && Number.isFinite(change.until.getTime())))
    throw new InvalidArgument("until", "null or a valid Date", change.until);
}

function checkRequest({ projection, generation, worker, leaseMs }: WorkerRequest): void {
  checkProjectionName(projection);
  if (!Number.isSafeInteger(generation)) throw new InvalidArgument("generation", "the number of a generation", generation);
  checkTextToKeep(worker, "worker", MAX_OWNER_CHARACTERS);
  checkDuration("leaseMs", leaseMs);
}
