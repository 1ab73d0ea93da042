import type { MaybePromise } from "@reactive-domain/persistence/adapter";
import { ANONYMOUS, type Principal } from "./principal.ts";

/** Says who calls, by the value of the header `authorization` and the address of the caller. Errors: unauthenticated. */
export type Authenticate = (authorization: string | undefined, address: string | undefined) => MaybePromise<Principal>;

/** Nobody is asked who it is. */
export const openToEverybody: Authenticate = () => ANONYMOUS;
