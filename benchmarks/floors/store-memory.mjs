// The floor of the in-memory store: a bare array for the log and a Map of arrays for streams, with the checks of the store: the event's shape, its id not yet in
// its stream, the expected version. It copies the event, so that its writer cannot change it, and knows neither categories nor types nor concurrent schedules.
// A catch-up hands out slices of the array, lets the loop turn every millisecond, and signals live at its end.
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const MAX_BYTES = 1024 * 1024;
const PAGE = 2_000;

/** @typedef {{ id: string; type: string; schemaVersion: number; contentType: string; data: string | Uint8Array; metadata: string }} NewEvent */
/** @typedef {NewEvent & { stream: string; version: number; position: number; timeMs: number }} KeptEvent */

export function openMemoryFloor() {
  /** @type {KeptEvent[]} */
  const log = [];
  /** @type {Map<string, KeptEvent[]>} */
  const streams = new Map();
  /** @type {Map<string, string>} */
  const streamById = new Map();

  return {
    durability: "none: an array",
    /**
     * Appends events at an expected version, -1 for none.
     *
     * @param {string} stream
     * @param {readonly NewEvent[]} events
     * @param {number} expectedVersion
     */
    async append(stream, events, expectedVersion) {
      for (const { id, type, data, metadata } of events) {
        if (!UUID.test(id) || type === "" || (data.length + metadata.length) * 3 > MAX_BYTES) throw new Error("bad event");
        if (streamById.get(id) === stream) throw new Error("there already");
      }
      let list = streams.get(stream);
      if (list === undefined) streams.set(stream, (list = []));
      if (list.length - 1 !== expectedVersion) throw new Error("conflict");
      for (const { id, type, schemaVersion, contentType, data, metadata } of events) {
        const position = log.length;
        const kept = { stream, version: list.length, position, timeMs: Date.now(), id, type, schemaVersion, contentType, data, metadata };
        log.push(kept);
        list.push(kept);
        streamById.set(id, stream);
      }
      return { stream, version: list.length - 1, position: log.length - 1 };
    },
    /** History in batches, then one live signal. */
    async *subscribe() {
      let sliceEndMs = performance.now() + 1;
      for (let from = 0; from < log.length; from += PAGE) {
        const events = log.slice(from, from + PAGE);
        yield { kind: "events", events, upTo: from + events.length - 1 };
        if (performance.now() < sliceEndMs) continue;
        await new Promise((resolve) => setImmediate(resolve));
        sliceEndMs = performance.now() + 1;
      }
      yield { kind: "live", upTo: log.length - 1 };
    },
  };
}
