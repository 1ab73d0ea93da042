import {
  status,
  type sendUnaryData,
  type ServerUnaryCall,
  type ServerWritableStream,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { principalOf, type Principal } from "../access/principal.ts";
import { addressOf } from "../access/address-of.ts";
import { answer } from "../wire/answer.ts";
import { refusalOf } from "../wire/refusal-of.ts";
import { invalidArgument, Refusal } from "../wire/refusal.ts";
import type { KnownUser } from "./user-record.ts";
import type { Users } from "./users.ts";

/** What calls say of a user. */
interface UserOptions {
  readonly login_name?: string;
  readonly password?: string;
  readonly current_password?: string;
  readonly new_password?: string;
  readonly full_name?: string;
  readonly groups?: readonly string[];
}

interface UserReq {
  readonly options?: UserOptions | null;
}

/** A call, understood. */
interface UserCall {
  readonly users: Users;
  readonly principal: Principal;
  readonly login: string;
  readonly options: UserOptions;
  readonly address: string;
}

const TICKS_PER_MS = 10_000n;

/** What answers the calls about users. */
export function userCalls(users: Users | undefined): UntypedServiceImplementation {
  const call = (work: (call: UserCall) => Promise<void>) => unary(users, work);
  return {
    Create: call(({ users: all, principal, login, options: { password = "", full_name: fullName = "", groups = [] } }) =>
      all.create(principal, { login, password, fullName, groups }),
    ),
    Update: call(({ users: all, principal, login, options: { full_name: fullName = "", groups = [] } }) =>
      all.update(principal, { login, fullName, groups }),
    ),
    Delete: call(({ users: all, principal, login }) => all.delete(principal, login)),
    Disable: call(({ users: all, principal, login }) => all.setDisabled(principal, login, true)),
    Enable: call(({ users: all, principal, login }) => all.setDisabled(principal, login, false)),
    ChangePassword: call(
      ({ users: all, principal, login, address, options: { current_password: current = "", new_password: next = "" } }) =>
        all.changePassword(principal, { login, current, next, address }),
    ),
    ResetPassword: call(({ users: all, principal, login, options: { new_password: next = "" } }) =>
      all.resetPassword(principal, login, next),
    ),
    Details: details(users),
  };
}

function unary(users: Users | undefined, work: (call: UserCall) => Promise<void>) {
  return (call: ServerUnaryCall<UserReq, object>, callback: sendUnaryData<object>): void => {
    void answer(done(users, call, work), callback);
  };
}

async function done(
  users: Users | undefined,
  call: ServerUnaryCall<UserReq, object>,
  work: (call: UserCall) => Promise<void>,
): Promise<object> {
  const { options } = call.request;
  const login = options?.login_name ?? "";
  if (!options || login === "") throw invalidArgument("The request does not say which user.");
  await work({ users: existing(users), principal: principalOf(call), login, options, address: addressOf(call.getPeer()) });
  return {};
}

/** Of one user, or of all where none is named. */
function details(users: Users | undefined) {
  return (call: ServerWritableStream<UserReq, object>): void => {
    tellDetails(users, call).then(
      () => call.end(),
      (error: unknown) => call.emit("error", refusalOf(error)),
    );
  };
}

async function tellDetails(users: Users | undefined, call: ServerWritableStream<UserReq, object>): Promise<void> {
  for (const user of await detailsOf(users, call)) call.write({ user_details: wireUser(user) });
}

async function detailsOf(users: Users | undefined, call: ServerWritableStream<UserReq, object>): Promise<readonly KnownUser[]> {
  const login = call.request.options?.login_name ?? "";
  const principal = principalOf(call);
  return login === "" ? existing(users).all(principal) : [await existing(users).details(principal, login)];
}

function wireUser({ login, fullName, groups, updatedAt, isDisabled }: KnownUser): object {
  return {
    login_name: login,
    full_name: fullName,
    groups,
    last_updated: { ticks_since_epoch: String(BigInt(updatedAt.getTime()) * TICKS_PER_MS) },
    disabled: isDisabled,
  };
}

function existing(users: Users | undefined): Users {
  if (users === undefined)
    throw new Refusal(
      status.UNIMPLEMENTED,
      "The server was started insecure: it has no users. Start it with a certificate and a password.",
    );
  return users;
}
