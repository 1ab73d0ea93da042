import { checkKeys, currentRuntime, warn } from "@reactive-domain/core";
import { ProjectionChanged, type GenerationComparison, type GenerationRecord, type ProjectionRecord } from "@reactive-domain/persistence";
import { buildGeneration, type Building, type BuildProgress } from "./build-generation.ts";
import { RebuildRefused } from "./errors.ts";
import { liveOf, placeOf } from "./projection-place.ts";

export interface RebuildOptions {
  /** Told how far it is, four times a second at most. */
  readonly onProgress?: (progress: BuildProgress) => unknown;
  /** Whether the rows are held against those of the live generation before they take their place, as both are at that moment. Default `false`. */
  readonly compare?: boolean;
  /** Whether it takes the place of the live generation when it is there. Where not, it is kept, and the next rebuild goes on with it. Default `true`. */
  readonly swap?: boolean;
  /** Whether it may take that place with more parked events than the live generation has. Default `false`: `rebuild-refused`. */
  readonly acceptParked?: boolean;
  /** Gives it up: what is built is kept, and the next rebuild goes on with it. */
  readonly signal?: AbortSignal;
}

/** What a rebuild came to. */
export interface RebuildResult {
  readonly projection: string;
  readonly generation: number;
  readonly handled: number;
  readonly parked: number;
  readonly durationMs: number;
  /** How its rows (`other`) differ from those that were live before (`one`); `undefined` where that was not asked for. */
  readonly comparison: GenerationComparison | undefined;
  readonly isSwapped: boolean;
}

const KEYS = ["onProgress", "compare", "swap", "acceptParked", "signal"];

/** Builds a projection beside its live generation, and puts it in the place of that. Errors: `rebuild-refused`, `projection-stopped`, the signal's reason, those of the store. */
export async function rebuild<C>(
  parts: Pick<Building<C>, "projection" | "feed" | "store" | "settings" | "lanes">,
  options: RebuildOptions,
): Promise<RebuildResult> {
  checkKeys("options of a rebuild", options, KEYS);
  const { swap = true, onProgress, signal } = options;
  const { store, projection } = parts;
  const { clock } = currentRuntime();
  const beganMs = clock.monotonicMs();
  const generation = await beginBuilding(parts, options);
  const swapping = new Swapping(parts, generation.generation, options);
  const isDone = await buildGeneration({ ...parts, generation, onProgress, signal }, () => (swap ? swapping.swap() : swapping.look()));
  const record = await store.find(projection.name);
  const built = record?.generations.find((one) => one.generation === generation.generation);
  // Another process may have built it together with this one, and been the first to put it in its place.
  if (built === undefined || (!isDone && built.status === "building"))
    throw new ProjectionChanged(projection.name, `has lost generation ${generation.generation}: what was built was dropped`);
  return {
    projection: projection.name,
    generation: built.generation,
    handled: built.handled,
    parked: built.entries.parked,
    durationMs: clock.monotonicMs() - beganMs,
    comparison: swapping.comparison,
    isSwapped: built.status === "live",
  };
}

/** The generation that is being built. One of another version is of no use any more, nor one that was refused: what parked its events may have spoilt others. */
async function beginBuilding<C>(
  { projection, store }: Pick<Building<C>, "projection" | "store">,
  { acceptParked = false }: RebuildOptions,
): Promise<GenerationRecord> {
  const making = { name: projection.name, version: projection.version, shape: projection.shape };
  const record = await store.build(making);
  const building = buildingOf(record);
  if (building.version === projection.version && (acceptParked || !isRefused(building, liveOf(record)))) return building;
  await store.change(projection.name, { kind: "drop", generation: building.generation });
  return buildingOf(await store.build(making));
}

/** Whether it had come as far as the live generation, and has more parked events. */
function isRefused(building: GenerationRecord, live: GenerationRecord): boolean {
  return building.entries.parked > live.entries.parked && (placeOf(building) ?? -1) >= (placeOf(live) ?? -1);
}

function buildingOf({ generations }: ProjectionRecord): GenerationRecord {
  return generations.find(({ status }) => status === "building") as GenerationRecord;
}

/** The end of a rebuild. */
class Swapping<C> {
  readonly #parts: Pick<Building<C>, "projection" | "store">;
  readonly #generation: number;
  readonly #options: RebuildOptions;
  comparison: GenerationComparison | undefined;

  constructor(parts: Pick<Building<C>, "projection" | "store">, generation: number, options: RebuildOptions) {
    this.#parts = parts;
    this.#generation = generation;
    this.#options = options;
  }

  async look(): Promise<boolean> {
    await this.#compare();
    return true;
  }

  /** Whether it is done: one that is behind the live generation goes on first. Errors: `rebuild-refused`. */
  async swap(): Promise<boolean> {
    const { store, projection } = this.#parts;
    await this.#refuseParked();
    await this.#compare();
    try {
      await store.change(projection.name, { kind: "swap", generation: this.#generation, notBehind: true });
      return true;
    } catch (error) {
      if (error instanceof ProjectionChanged) return false;
      throw error;
    }
  }

  async #refuseParked(): Promise<void> {
    const { store, projection } = this.#parts;
    const record = await store.find(projection.name);
    if (record === undefined || this.#options.acceptParked === true) return;
    const built = record.generations.find(({ generation }) => generation === this.#generation)?.entries.parked ?? 0;
    const { parked } = liveOf(record).entries;
    if (built > parked)
      throw new RebuildRefused(projection.name, this.#generation, `has ${built} parked events, where the live one has ${parked}`);
  }

  async #compare(): Promise<void> {
    const { store, projection } = this.#parts;
    if (this.#options.compare !== true || this.comparison !== undefined) return;
    const record = await store.find(projection.name);
    if (record === undefined) return warn(new Error(`Projection ${projection.name} is gone.`));
    this.comparison = await store.compare(projection.name, { one: liveOf(record).generation, other: this.#generation });
  }
}
