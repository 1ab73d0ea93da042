import { isUtf8 } from "node:buffer";

/** Bytes of UTF-8 as text. What is none becomes text with half of a surrogate pair in it, which no store takes: with the usual sign for it, different names would be one. */
export function textOfBytes(bytes: Buffer): string {
  const text = bytes.toString("utf8");
  return text.includes("\uFFFD") && !isUtf8(bytes) ? text.replaceAll("\uFFFD", "\uD800") : text;
}
