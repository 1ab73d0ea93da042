/** Data as two columns. Text stands in `data`, bytes in `bytes`. PostgreSQL's text has no NUL: text with it stands in both, readable in one, exact in the other. */
export interface ContentColumns {
  readonly data: string | null;
  readonly bytes: Uint8Array | null;
}

export function contentColumns(data: string | Uint8Array): ContentColumns {
  if (typeof data !== "string") return { data: null, bytes: data };
  return data.includes("\0") ? { data: withoutNul(data), bytes: Buffer.from(data) } : { data, bytes: null };
}

/** What was stored, `bytes` in base 64. */
export function contentOf(data: string | null | undefined, bytes: string | null | undefined): string | Uint8Array {
  if (bytes === null || bytes === undefined) return data ?? "";
  const buffer = Buffer.from(bytes, "base64");
  return data === null || data === undefined ? new Uint8Array(buffer) : buffer.toString();
}

/** Text as PostgreSQL keeps it. */
export function withoutNul(text: string): string {
  return text.replaceAll("\0", "\uFFFD");
}
