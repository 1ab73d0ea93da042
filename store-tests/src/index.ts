export { collect } from "./collect.ts";
export { newEvent, newEvents } from "./new-event.ts";
