/** A value of `google.protobuf.Value`: one of its alternatives. */
export interface WireValue {
  readonly nullValue?: unknown;
  readonly numberValue?: number;
  readonly stringValue?: string;
  readonly boolValue?: boolean;
  readonly structValue?: { readonly fields?: Readonly<Record<string, WireValue>> };
  readonly listValue?: { readonly values?: readonly WireValue[] };
}

/** A value as JSON data; one that says nothing is null. */
export function jsonOfValue({ stringValue, numberValue, boolValue, structValue, listValue }: WireValue): unknown {
  if (structValue) return Object.fromEntries(Object.entries(structValue.fields ?? {}).map(([key, value]) => [key, jsonOfValue(value)]));
  if (listValue) return (listValue.values ?? []).map(jsonOfValue);
  return stringValue ?? numberValue ?? boolValue ?? null;
}
