import { ByteReader } from "./byte-reader.ts";
import { idIn, streamIn } from "./decode-parts.ts";
import type { UuidForm } from "./uuid.ts";

/** What a consumer of a persistent subscription says first: which, and how many messages it takes at once. */
export interface SubscriptionReadOptions {
  /** Empty where it names none. */
  readonly stream: string;
  readonly group: string;
  readonly bufferSize: number;
  readonly uuidForm: UuidForm;
}

/** What a consumer wants to become of messages that it has not handled. */
export type NackAction = "park" | "retry" | "skip" | "stop";

/** A message of a consumer. Ids are those of links, where there are some. */
export interface SubscriptionReadRequest {
  readonly options?: SubscriptionReadOptions;
  readonly ack?: readonly string[];
  readonly nack?: { readonly ids: readonly string[]; readonly action: NackAction; readonly reason: string };
}

const ACTIONS: readonly NackAction[] = ["retry", "park", "retry", "skip", "stop"];

/** Acknowledgements come as often as events go, so that they are decoded by hand. Errors: of bytes that are no message. */
export function decodeSubscriptionRead(bytes: Buffer): SubscriptionReadRequest {
  const reader = new ByteReader(bytes);
  let request: SubscriptionReadRequest = {};
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === 0x0a) request = { options: optionsIn(reader.message()) };
    else if (field === 0x12) request = { ack: nackIn(reader.message()).ids };
    else if (field === 0x1a) request = { nack: nackIn(reader.message()) };
    else reader.skip(field);
  }
  return request;
}

function optionsIn(reader: ByteReader): SubscriptionReadOptions {
  let [stream, group, bufferSize] = ["", "", 0];
  let uuidForm: UuidForm = "string";
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === 0x0a) stream = streamIn(reader.message());
    else if (field === 0x12) group = reader.text();
    else if (field === 0x18) bufferSize = Number(reader.int64());
    else if (field === 0x22) uuidForm = uuidFormIn(reader.message());
    else {
      if (field === 0x2a) stream = "$all";
      reader.skip(field);
    }
  }
  return { stream, group, bufferSize, uuidForm };
}

function uuidFormIn(reader: ByteReader): UuidForm {
  let form: UuidForm = "string";
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    form = field === 0x0a ? "structured" : "string";
    reader.skip(field);
  }
  return form;
}

/** An acknowledgement is one without an action. Field 1 is the id of the subscription, which the call tells. */
function nackIn(reader: ByteReader): NonNullable<SubscriptionReadRequest["nack"]> {
  const ids: string[] = [];
  let action: NackAction = "retry";
  let reason = "";
  for (let field = reader.field(); field !== 0; field = reader.field()) {
    if (field === 0x12) ids.push(idIn(reader.message()));
    else if (field === 0x18) action = ACTIONS[reader.varint()] ?? "retry";
    else if (field === 0x22) reason = reader.text();
    else reader.skip(field);
  }
  return { ids, action, reason };
}
