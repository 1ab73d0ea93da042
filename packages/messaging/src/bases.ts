import { CommandBase, EventBase, QueryBase } from "./message.ts";

/** By the kinds that are declared, what all messages of a kind derive from. */
export const BASES = { command: CommandBase, event: EventBase, query: QueryBase };
