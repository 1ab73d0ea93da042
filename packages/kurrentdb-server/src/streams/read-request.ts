import type { WirePosition } from "../wire/places.ts";
import type { WireStream } from "../wire/stream-name.ts";

/** What a client wants to read or to follow. */
export interface ReadReq {
  readonly options?: ReadReqOptions;
}

export interface ReadReqOptions {
  readonly stream?: { readonly stream_identifier?: WireStream; readonly revision?: string; readonly start?: object; readonly end?: object };
  readonly all?: { readonly position?: WirePosition; readonly start?: object; readonly end?: object };
  readonly read_direction?: "Forwards" | "Backwards";
  readonly resolve_links?: boolean;
  readonly count?: string;
  readonly subscription?: object;
  readonly filter?: FilterOptions;
  readonly no_filter?: object;
  readonly uuid_option?: { readonly structured?: object; readonly string?: object };
  readonly control_option?: { readonly compatibility?: number };
}

export interface FilterOptions {
  readonly stream_identifier?: FilterExpression;
  readonly event_type?: FilterExpression;
  readonly max?: number;
  readonly count?: object;
  readonly checkpointIntervalMultiplier?: number;
}

export interface FilterExpression {
  readonly regex?: string;
  readonly prefix?: readonly string[];
}
