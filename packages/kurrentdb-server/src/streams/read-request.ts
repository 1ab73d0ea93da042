import type { FilterOptions } from "../filters/log-filter.ts";
import type { WirePosition } from "../wire/places.ts";
import type { WireStream } from "../wire/stream-name.ts";

/** What a client wants to read or to follow. */
export interface ReadReq {
  readonly options?: ReadReqOptions | null;
}

export interface ReadReqOptions {
  readonly stream?: (StartOrEnd & { readonly stream_identifier?: WireStream; readonly revision?: string }) | null;
  readonly all?: (StartOrEnd & { readonly position?: WirePosition | null }) | null;
  readonly read_direction?: "Forwards" | "Backwards";
  readonly resolve_links?: boolean;
  readonly count?: string;
  readonly subscription?: object | null;
  readonly filter?: FilterOptions | null;
  readonly no_filter?: object | null;
  readonly uuid_option?: { readonly structured?: object | null; readonly string?: object | null } | null;
  readonly control_option?: { readonly compatibility?: number } | null;
}

interface StartOrEnd {
  readonly start?: object | null;
  readonly end?: object | null;
}
