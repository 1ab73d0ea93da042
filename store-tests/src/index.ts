export { appendBesideOthers } from "./append-beside-others.ts";
export { collect } from "./collect.ts";
export { FILLED_STATUS, fillStore } from "./fill-store.ts";
export { handleGroup } from "./handle-group.ts";
export { LOG_BREACHES, type Breach } from "./log-breaches.ts";
export { newEvent, newEvents } from "./new-event.ts";
export { counters, putBesideOthers } from "./put-beside-others.ts";
