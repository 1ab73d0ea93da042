import { AssertionError } from "node:assert";
import { fileURLToPath } from "node:url";
import { InvalidArgument } from "@reactive-domain/core";
import {
  classOf,
  createJsonEventSerializer,
  EventBase,
  isBoundedContext,
  type BoundedContext,
  type EventSerializer,
} from "@reactive-domain/foundation";
import { checkOptions, hasMethods } from "../options/check-options.ts";
import { SampleCheck } from "./sample-check.ts";
import { readSampleFiles, writeSample } from "./sample-files.ts";
import type { CheckedSample } from "./sample.ts";

export interface CheckSamplesOptions {
  /** Where the samples lie: a path, or a URL of a file. They belong into the repository. */
  readonly folder: string | URL;
  /** One event of each class as it is made today, with all of its fields: what new samples are made of, and what kept ones are held against. Default: none. */
  readonly samples?: readonly EventBase[];
  /** Whether to write what is missing, and to accept what is read differently. Stored data is never changed. Default `false`. */
  readonly update?: boolean;
  /** Default: JSON, for exactly the events that the context lists. */
  readonly serializer?: EventSerializer;
}

/** What was checked. */
export interface SampleReport {
  readonly checked: readonly CheckedSample[];
  /** The names of the files that were written. Without `update` there are none. */
  readonly written: readonly string[];
}

/**
 * Holds the events of a bounded context to golden samples: one file for each type and each version that is read, with the stored form of an event and what it means today.
 *
 * Errors: an `AssertionError` that lists all problems at once, each with what to do: a sample is missing, cannot be read, is read differently than it was, does not fit the schema, or
 * is of a type or version that is not known; the shape of an event in `samples` is not that of the sample of its version; an older one is
 * read in another shape than the current one, of a class without a schema. `invalid-argument`; those of the file system.
 *
 * @example
 * await checkSamples(banking, { folder: "test/samples", samples: [new AmountDeposited({ amount: 5 })], update: process.env["UPDATE_SAMPLES"] === "1" });
 */
export async function checkSamples(context: BoundedContext, options: CheckSamplesOptions): Promise<SampleReport> {
  if (!isBoundedContext(context)) throw new InvalidArgument("What has samples", "a bounded context", context);
  checkOptions(`The options to check the samples of ${context.name}`, options, ["folder", "samples", "update", "serializer"]);
  const { samples = [], update = false, serializer = createJsonEventSerializer(context.events) } = options;
  if (typeof update !== "boolean") throw new InvalidArgument("update", "true or false", update);
  checkSerializer(serializer);
  const folder = pathOf(options.folder);
  if (context.events.length === 0) throw new InvalidArgument(`The number of events of ${context.name}`, "at least 1", 0);
  refuseStrayed(context, samples);
  const check = new SampleCheck({ context, serializer, samples, update, files: await readSampleFiles(folder) });
  await check.run();
  const written: string[] = [];
  for (const sample of check.toWrite) written.push(await writeSample(folder, sample));
  if (check.problems.length > 0) throw failureOf(context, check);
  return { checked: check.checked, written };
}

/** Errors: `invalid-argument`. */
function pathOf(folder: string | URL): string {
  const path = folder instanceof URL && folder.protocol === "file:" ? fileURLToPath(folder) : folder;
  if (typeof path !== "string" || path.trim() === "") throw new InvalidArgument("folder", "a path, or a URL of a file", folder);
  return path;
}

/** Errors: `invalid-argument`. */
function checkSerializer(serializer: EventSerializer): void {
  if (!hasMethods(serializer, ["serialize", "deserialize"]))
    throw new InvalidArgument("serializer", "an object with the methods serialize and deserialize", serializer);
}

/** Errors: `invalid-argument`. */
function refuseStrayed(context: BoundedContext, samples: readonly EventBase[]): void {
  if (!Array.isArray(samples)) throw new InvalidArgument("samples", "a list of events", samples);
  const seen = new Set<unknown>();
  for (const sample of samples) {
    if (!(sample instanceof EventBase)) throw new InvalidArgument("samples", "a list of events", sample);
    const eventClass: unknown = classOf(sample);
    const { type } = classOf(sample);
    if (!context.events.some((listed) => listed === eventClass))
      throw new InvalidArgument("samples", `of the events of ${context.name}`, type, "List it there.");
    if (seen.has(eventClass)) throw new InvalidArgument(`The number of samples of ${type}`, "at most 1", "more");
    seen.add(eventClass);
  }
}

function failureOf(context: BoundedContext, { problems, read, kept }: SampleCheck): AssertionError {
  const message = [
    `The golden samples of ${context.name} are not as they should be (${problems.length}):`,
    ...problems.map((problem) => `- ${problem}`),
  ].join("\n");
  return new AssertionError({ message, operator: "checkSamples", actual: read, expected: kept });
}
