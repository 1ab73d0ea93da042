import type { Consumer } from "./consumer.ts";
import type { Message } from "./message.ts";
import type { ConsumerStrategy } from "./subscription-terms.ts";

/** Says which consumer a message goes to. */
export interface Strategy {
  /** Who gets it; `undefined` where it must wait. */
  choose(message: Message, consumers: readonly Consumer[]): Consumer | undefined;
  /** Whether others may overtake one that must wait. */
  readonly passesWaiting: boolean;
}

/** A strategy, with a memory of its own. */
export function strategyOf(name: ConsumerStrategy): Strategy {
  if (name === "RoundRobin") return roundRobin();
  if (name === "DispatchToSingle") return toSingle;
  return pinned;
}

const toSingle: Strategy = {
  choose: (message, consumers) => consumers.find((one) => one.takes(message)),
  passesWaiting: false,
};

function roundRobin(): Strategy {
  let next = 0;
  return {
    choose: (message, consumers) => {
      for (let tried = 0; tried < consumers.length; tried++) {
        const consumer = consumers[next % consumers.length];
        next = (next + 1) % consumers.length;
        if (consumer?.takes(message) === true) return consumer;
      }
      return undefined;
    },
    passesWaiting: false,
  };
}

/** What has the same pin goes to the same consumer. Who comes takes an equal share from each of the others; who goes leaves an equal share to each. */
const pinned: Strategy = {
  choose: (message, consumers) => {
    const hash = hashOf(message.pin);
    let best: Consumer | undefined;
    let bestWeight = -1;
    for (const consumer of consumers) {
      const weight = mixed(hash ^ consumer.seed);
      if (weight > bestWeight) [best, bestWeight] = [consumer, weight];
    }
    return best?.takes(message) === true ? best : undefined;
  },
  passesWaiting: true,
};

/** FNV-1a, of 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash;
}

/** The last steps of MurmurHash3: neighbours end far from each other. */
function mixed(value: number): number {
  let hash = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
