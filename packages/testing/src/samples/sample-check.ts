import { isDeepStrictEqual } from "node:util";
import { textOf, type JsonObject } from "@reactive-domain/core";
import {
  classOf,
  definitionOf,
  type BoundedContext,
  type EventBase,
  type EventSerializer,
  type MessageClass,
} from "@reactive-domain/foundation";
import type { SampleFile } from "./sample-files.ts";
import { asJson, readMeaning, sampleOf, type SampleReading } from "./sample-reading.ts";
import { sampleFileOf, type CheckedSample, type Meaning, type Sample } from "./sample.ts";
import { shapeDifferences, shapeOf, upcastDifferences, type Shape } from "./shape-of.ts";

export interface SampleCheckInput {
  readonly context: BoundedContext;
  readonly serializer: EventSerializer;
  readonly samples: readonly EventBase[];
  readonly update: boolean;
  readonly files: readonly SampleFile[];
}

/** A sample of a class that is listed, in a version that it knows. */
interface Known {
  readonly file: string;
  readonly sample: Sample;
  readonly eventClass: MessageClass<EventBase>;
}

/** Looks through the samples of a context once. It reads and writes no files. */
export class SampleCheck {
  readonly problems: string[] = [];
  readonly checked: CheckedSample[] = [];
  readonly toWrite: Sample[] = [];
  /** By file: what is read differently than it was, and what it was. */
  readonly read: Record<string, readonly Meaning[]> = {};
  readonly kept: Record<string, readonly Meaning[]> = {};
  readonly #input: SampleCheckInput;
  #known: readonly Known[] = [];

  constructor(input: SampleCheckInput) {
    this.#input = input;
  }

  async run(): Promise<void> {
    this.#known = this.#input.files.flatMap((file) => this.#sort(file));
    for (const one of this.#known) await this.#check(one);
    const present = new Set(this.#input.files.map(({ file }) => file));
    for (const eventClass of this.#input.context.events) await this.#addMissing(eventClass, present);
  }

  /** The file as what it is to be, or none and a problem. */
  #sort(read: SampleFile): readonly Known[] {
    const { context } = this.#input;
    const { file, sample } = read;
    if (sample === undefined)
      return this.#report(file, `cannot be used: ${read.problem}. Mend the file, or take it back from the history of the repository.`);
    const eventClass = context.events.find(({ type }) => type === sample.type);
    if (eventClass === undefined)
      return this.#report(
        file,
        `is of the type ${sample.type}, which ${context.name} does not list. List its class: stores may hold such events. Delete the file where none does.`,
      );
    const { version } = definitionOf(eventClass);
    if (sample.schemaVersion <= version) return [{ file, sample, eventClass }];
    return this.#report(
      file,
      `is of version ${sample.schemaVersion}, and ${sample.type} knows none newer than ${version}. Raise its version again.`,
    );
  }

  async #check(one: Known): Promise<void> {
    const { file, sample, eventClass } = one;
    let reading: SampleReading;
    try {
      reading = await readMeaning(this.#input.serializer, sample);
    } catch (error) {
      const isOld = sample.schemaVersion < definitionOf(eventClass).version;
      const advice = isOld ? "give the class an upcaster that takes them" : "mend the file, or the serializer that reads them";
      this.#report(file, `cannot be read: ${textOf(error)} Stores hold such events: ${advice}.`);
      return;
    }
    const differences = this.#differences(one, reading);
    if (differences.length > 0) {
      const next = sample.schemaVersion + 1;
      this.#report(
        file,
        `has another shape than the ${sample.type} in samples: ${differences.join(", ")}. Raise the version to ${next}, with an upcaster from ${sample.schemaVersion}.`,
      );
    }
    for (const problem of reading.problems)
      this.#report(file, `${problem} Raise the version, with an upcaster, or take the stored events into the schema.`);
    const departures = reading.problems.length === 0 ? await this.#departures(one, reading) : [];
    for (const departure of departures)
      this.#report(
        file,
        `${departure}. Mend the upcaster: what it cannot know it makes null, or undefined where the field may be missing.`,
      );
    if (differences.length + reading.problems.length + departures.length === 0) this.#compare(one, reading.means);
  }

  /** How an event as it is made today differs from the sample of its version, which no upcaster has touched. */
  #differences({ sample, eventClass }: Known, { means }: SampleReading): readonly string[] {
    const instance = this.#instanceOf(eventClass);
    if (instance === undefined || sample.schemaVersion !== definitionOf(eventClass).version) return [];
    return shapeDifferences(shapeOf(means[0]?.payload), shapeOf(asJson(instance)));
  }

  /** How what an older sample is read as departs from what is made today. Where there is a schema, that has told it. */
  async #departures({ sample, eventClass }: Known, { messages }: SampleReading): Promise<readonly string[]> {
    if (sample.schemaVersion === definitionOf(eventClass).version) return [];
    const departures: string[] = [];
    for (const message of messages) {
      const today = await this.#shapeOfToday(classOf(message).type);
      const differences = today === undefined ? [] : upcastDifferences(shapeOf(Object.assign<JsonObject, object>({}, message)), today);
      if (differences.length > 0)
        departures.push(`is read as ${classOf(message).type} in another shape than that has today: ${differences.join(", ")}`);
    }
    return departures;
  }

  /** The shape of what is made of a class without a schema: of its event in samples, or else of the sample of its version. */
  async #shapeOfToday(type: string): Promise<Shape | undefined> {
    const eventClass = this.#input.context.events.find((one) => one.type === type);
    if (eventClass === undefined || definitionOf(eventClass).schemas.length > 0) return undefined;
    const instance = this.#instanceOf(eventClass);
    if (instance !== undefined) return shapeOf(asJson(instance));
    const current = this.#known.find(({ sample }) => sample.type === type && sample.schemaVersion === definitionOf(eventClass).version);
    if (current === undefined) return undefined;
    const reading = await readMeaning(this.#input.serializer, current.sample).catch(() => undefined); // told where it is checked
    return reading?.means[0] === undefined ? undefined : shapeOf(reading.means[0].payload);
  }

  #compare({ file, sample }: Known, means: readonly Meaning[]): void {
    if (!isDeepStrictEqual(sample.means, means)) {
      if (!this.#input.update) return this.#reportMeaning(file, sample, means);
      this.toWrite.push({ ...sample, means });
    }
    this.checked.push({ type: sample.type, schemaVersion: sample.schemaVersion, file });
  }

  #reportMeaning(file: string, { means: kept }: Sample, means: readonly Meaning[]): void {
    if (kept === undefined) {
      this.#report(file, `does not say what it means. Run once with update, and look at what it writes.`);
      return;
    }
    this.read[file] = means;
    this.kept[file] = kept;
    this.#report(
      file,
      `meant ${JSON.stringify(kept)}, and means ${JSON.stringify(means)} now. Mend the upcaster; where it is meant, run once with update.`,
    );
  }

  /** A sample for each version that can be read and has none. */
  async #addMissing(eventClass: MessageClass<EventBase>, present: ReadonlySet<string>): Promise<void> {
    const { type, version, upcasters } = definitionOf(eventClass);
    for (const old of Object.keys(upcasters).map(Number)) {
      const file = sampleFileOf(type, old);
      if (present.has(file)) continue;
      this.#report(
        file,
        `is missing, and version ${old} has an upcaster. Put a stored event of it there, as { type, schemaVersion, contentType, data }, and run once with update.`,
      );
    }
    if (present.has(sampleFileOf(type, version))) return;
    const instance = this.#instanceOf(eventClass);
    if (this.#input.update && instance !== undefined) await this.#add(instance, version);
    else {
      const advice = instance === undefined ? `Give an event of ${type} in samples, and run once` : "Run once";
      this.#report(sampleFileOf(type, version), `is missing. ${advice} with update.`);
    }
  }

  async #add(instance: EventBase, schemaVersion: number): Promise<void> {
    const { type } = classOf(instance);
    const file = sampleFileOf(type, schemaVersion);
    try {
      const sample = await sampleOf(this.#input.serializer, instance);
      const { means } = await readMeaning(this.#input.serializer, sample);
      this.toWrite.push({ ...sample, means });
      this.checked.push({ type, schemaVersion, file });
    } catch (error) {
      this.#report(file, `cannot be made of the ${type} in samples: ${textOf(error)}`);
    }
  }

  #instanceOf(eventClass: MessageClass<EventBase>): EventBase | undefined {
    return this.#input.samples.find((sample) => classOf(sample) === eventClass);
  }

  #report(file: string, problem: string): readonly never[] {
    this.problems.push(`${file} ${problem}`);
    return [];
  }
}
