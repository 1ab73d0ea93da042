import type { AppendOptions, NewEvent } from "@reactive-domain/foundation";
import type { Append } from "./new-appends.ts";

/** What appends, a store or a client of one. */
interface Appends {
  append(stream: string, events: readonly NewEvent[], options: AppendOptions): Promise<unknown>;
}

/** Each caller makes every `callers`-th append, when its last one is answered. */
export async function appendBy(store: Appends, load: readonly Append[], callers: number): Promise<void> {
  const call = async (caller: number): Promise<void> => {
    for (let index = caller; index < load.length; index += callers) {
      const { stream, events, expectedVersion } = load[index] as Append;
      await store.append(stream, events, { expectedVersion });
    }
  };
  await Promise.all(Array.from({ length: callers }, (_, caller) => call(caller)));
}
