import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, textOf, type JsonValue } from "@reactive-domain/core";
import { sampleFileOf, type Meaning, type Sample } from "./sample.ts";

/** A file of the folder: a sample, or what is wrong with it. */
export type SampleFile =
  | { readonly file: string; readonly sample: Sample }
  | { readonly file: string; readonly sample: undefined; readonly problem: string };

/** Reads the samples of a folder, by name; none where there is no folder. Files with other endings are passed over. */
export async function readSampleFiles(folder: string): Promise<readonly SampleFile[]> {
  const names = (await namesIn(folder)).filter((name) => name.endsWith(".json"));
  return Promise.all(names.toSorted().map(async (file) => readSample(file, await readFile(join(folder, file), "utf8"))));
}

export async function writeSample(folder: string, sample: Sample): Promise<string> {
  const file = sampleFileOf(sample.type, sample.schemaVersion);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, file), `${JSON.stringify(sample, undefined, 2)}\n`);
  return file;
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}

function readSample(file: string, text: string): SampleFile {
  try {
    const sample = toSample(JSON.parse(text) as Partial<Sample> | null);
    const expected = sampleFileOf(sample.type, sample.schemaVersion);
    if (file !== expected) throw new TypeError(`it holds what belongs into ${expected}`);
    return { file, sample };
  } catch (error) {
    return { file, sample: undefined, problem: textOf(error) };
  }
}

function toSample(read: Partial<Sample> | null): Sample {
  if (typeof read !== "object" || read === null) throw new TypeError("it is not an object");
  const { type, schemaVersion, contentType, data, means } = read;
  if (typeof type !== "string" || type === "") throw new TypeError(`its type is ${describe(type)}`);
  if (!Number.isSafeInteger(schemaVersion) || Number(schemaVersion) < 1)
    throw new TypeError(`its schemaVersion is ${describe(schemaVersion)}`);
  if (typeof contentType !== "string" || contentType === "") throw new TypeError(`its contentType is ${describe(contentType)}`);
  if (data === undefined) throw new TypeError("it has no data");
  if (means !== undefined && !(Array.isArray(means) && means.every(isMeaning)))
    throw new TypeError("its means is not a list of { type, payload }");
  return { type, schemaVersion: Number(schemaVersion), contentType, data, means };
}

function isMeaning(value: JsonValue | Meaning): value is Meaning {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string" && "payload" in value;
}
