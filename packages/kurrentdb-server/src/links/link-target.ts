import type { RecordedEventFields } from "@reactive-domain/persistence";

/** The type of links, whose data is `version@stream`. */
export const LINK_TYPE = "$>";

/** The event that a link leads to. */
export interface LinkTarget {
  readonly stream: string;
  readonly revision: number;
}

const TARGET = /^([0-9]{1,16})@(.+)$/s;

export function isLink({ type }: RecordedEventFields): boolean {
  return type === LINK_TYPE;
}

/** Where a link leads; `undefined` where its data names no event that there can be. */
export function linkTarget({ data }: RecordedEventFields): LinkTarget | undefined {
  const [, revision, stream] = TARGET.exec(typeof data === "string" ? data : Buffer.from(data).toString("utf8")) ?? [];
  if (revision === undefined || stream === undefined || !Number.isSafeInteger(Number(revision))) return undefined;
  return { stream, revision: Number(revision) };
}
