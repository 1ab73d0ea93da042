import type { ByteReader } from "./byte-reader.ts";
import { uuidOfHalves } from "./uuid.ts";

// Fields are numbers with their wire types, `number << 3 | type`: 0 a varint, 2 bytes of a length.
const TEXT_OF_ID = 0x12;
const HALVES_OF_ID = 0x0a;

/** The name of a stream; empty where there is none. */
export function streamIn(reader: ByteReader): string {
  let name = "";
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === 0x1a) name = reader.text();
    else reader.skip(field);
  }
  return name;
}

/** An id as text in lower case; empty where there is none. */
export function idIn(reader: ByteReader): string {
  let id = "";
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === TEXT_OF_ID) id = reader.text().toLowerCase();
    else if (field === HALVES_OF_ID) id = idOfHalves(reader.message());
    else reader.skip(field);
  }
  return id;
}

function idOfHalves(reader: ByteReader): string {
  let [most, least] = [0n, 0n];
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === 0x08) most = reader.int64();
    else if (field === 0x10) least = reader.int64();
    else reader.skip(field);
  }
  return uuidOfHalves(most, least);
}
