import { fnv1a } from "../fnv1a.ts";

/** Which of so many lanes a key belongs to, whoever asks. */
export function laneOf(key: string, lanes: number): number {
  return lanes === 1 ? 0 : (fnv1a(key) >>> 0) % lanes;
}
