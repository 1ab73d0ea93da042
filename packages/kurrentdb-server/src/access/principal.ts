import type { Metadata } from "@grpc/grpc-js";

/** Who calls. */
export interface Principal {
  /** The login name; `undefined` for who gave none. */
  readonly name: string | undefined;
  /** The groups of the user, without the user's own name. */
  readonly groups: readonly string[];
}

/** Who gave no credentials. */
export const ANONYMOUS: Principal = { name: undefined, groups: [] };

const principals = new WeakMap<Metadata, Principal>();

/** Notes who a call comes from. */
export function setPrincipal(metadata: Metadata, principal: Principal): void {
  principals.set(metadata, principal);
}

/** Who a call comes from. */
export function principalOf({ metadata }: { readonly metadata: Metadata }): Principal {
  return principals.get(metadata) ?? ANONYMOUS;
}
