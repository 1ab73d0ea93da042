const MS_PER_SECOND = 1_000;
const NANOS_PER_MS = 1_000_000;

/** A time on the wire, of milliseconds since 1970. */
export interface WireTime {
  readonly seconds: string;
  readonly nanos: number;
}

export function wireTime(ms: number): WireTime {
  return { seconds: String(Math.floor(ms / MS_PER_SECOND)), nanos: (ms % MS_PER_SECOND) * NANOS_PER_MS };
}
