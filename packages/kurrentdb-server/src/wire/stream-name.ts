import { invalidArgument } from "./refusal.ts";
import { textOfBytes } from "./text-of-bytes.ts";

/** The name of a stream on the wire. */
export interface WireStream {
  readonly stream_name?: Uint8Array;
}

/** The name of a stream as text. Errors: invalid argument for none, and for what is no text. */
export function streamName(identifier: WireStream | null | undefined): string {
  const name = textOfBytes(Buffer.from(identifier?.stream_name ?? []));
  if (name === "") throw invalidArgument("The request names no stream.");
  if (!name.isWellFormed())
    throw invalidArgument(`The name of the stream must be UTF-8, but ${JSON.stringify(name)} has bytes that are not.`);
  return name;
}

export function wireStream(name: string): WireStream {
  return { stream_name: Buffer.from(name) };
}
