import type { JsonValue } from "@reactive-domain/core";

/** What a stored event means today: one message that it is read as. */
export interface Meaning {
  readonly type: string;
  readonly payload: JsonValue;
}

/** One stored event of one type and version, as it lies in a file. */
export interface Sample {
  readonly type: string;
  readonly schemaVersion: number;
  readonly contentType: string;
  /** JSON as it is; other text, or bytes in base64, as `{ text }` or `{ base64 }`. */
  readonly data: JsonValue;
  /** `undefined` in a file that was written by hand, and is to be read for the first time. */
  readonly means: readonly Meaning[] | undefined;
}

/** A sample that is as it should be. */
export interface CheckedSample {
  readonly type: string;
  readonly schemaVersion: number;
  /** Its name in the folder. */
  readonly file: string;
}

/** The name of the file of a type and version. */
export function sampleFileOf(type: string, schemaVersion: number): string {
  return `${encodeURIComponent(type)}.${schemaVersion}.json`;
}
