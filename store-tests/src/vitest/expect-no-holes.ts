import type { RecordedEvent } from "@reactive-domain/persistence";
import { expect } from "vitest";

/** Positions from 0 without holes, and so the versions of every stream. */
export function expectNoHoles(events: readonly RecordedEvent[]): void {
  const versions = new Map<string, number>();
  const expected = events.map(({ stream }, index) => {
    const next = versions.get(stream) ?? 0;
    versions.set(stream, next + 1);
    return [index, stream, next];
  });
  expect(events.map(({ position, stream, version }) => [position, stream, version])).toEqual(expected);
}
