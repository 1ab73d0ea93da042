// The floor of waking a subscription: a bare NOTIFY on one connection to its notification on another, one after another, with a pause between them: what idles takes
// longer to wake.
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "./store-postgres-table.mjs";

const CHANNEL = "store_postgres_notify_floor";
const WARM_UP = 100;

/**
 * The milliseconds that each of so many notifications took, sorted.
 *
 * @param {string} url
 * @param {number} count
 * @param {number} pauseMs
 */
export async function measureNotify(url, count, pauseMs) {
  const [sender, listener] = await Promise.all([connect(url), connect(url)]);
  await listener.query(`LISTEN ${CHANNEL}`);
  /** @type {number[]} */
  const times = [];
  for (let index = -WARM_UP; index < count; index++) {
    const heard = once(listener, "notification");
    const startMs = performance.now();
    const sent = sender.query(`NOTIFY ${CHANNEL}`);
    await heard;
    const ms = performance.now() - startMs;
    await sent;
    if (index >= 0) times.push(ms);
    await sleep(pauseMs);
  }
  await Promise.all([sender.end(), listener.end()]);
  return times.toSorted((a, b) => a - b);
}
