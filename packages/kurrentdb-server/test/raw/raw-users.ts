import { readFileSync } from "node:fs";
import { credentials, Metadata, type ServiceError } from "@grpc/grpc-js";
import services from "@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/usermanagement_grpc_pb.js";
import users from "@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/usermanagement_pb.js";
import { onTestFinished } from "vitest";

/** What a call about users comes to: `done`, or the error by which clients know it. */
export type Outcome = Promise<string>;

type Answered = (error: ServiceError | null) => void;

/** The calls about users, which the Node clients have generated and do not offer, for somebody. */
export interface RawUsers {
  create(login: string, password: string, groups?: readonly string[]): Outcome;
  update(login: string, fullName: string, groups: readonly string[]): Outcome;
  delete(login: string): Outcome;
  disable(login: string): Outcome;
  enable(login: string): Outcome;
  changePassword(login: string, current: string, next: string): Outcome;
  resetPassword(login: string, next: string): Outcome;
  /** Of all where no login is given; in words, like `ann (Ann) of sales, disabled`. */
  details(login?: string): Promise<readonly string[]>;
}

/** Where a server is that encrypts. */
export interface SecureEnd {
  readonly port: number;
  readonly caFile: string;
}

export function basic(login: string, password: string): string {
  return `Basic ${Buffer.from(`${login}:${password}`).toString("base64")}`;
}

export function authorized(authorization: string): Metadata {
  const metadata = new Metadata();
  metadata.set("authorization", authorization);
  return metadata;
}

export function usersAs({ port, caFile }: SecureEnd, login: string, password: string): RawUsers {
  const client = new services.UsersClient(`127.0.0.1:${port}`, credentials.createSsl(readFileSync(caFile)), {
    "grpc.use_local_subchannel_pool": 1,
  });
  onTestFinished(() => client.close());
  const metadata = authorized(basic(login, password));
  return {
    create: (name, secret, groups = []) => {
      const options = new users.CreateReq.Options();
      options.setLoginName(name);
      options.setPassword(secret);
      options.setFullName(name);
      options.setGroupsList([...groups]);
      const request = new users.CreateReq();
      request.setOptions(options);
      return outcome((answered) => client.create(request, metadata, answered));
    },
    update: (name, fullName, groups) => {
      const options = new users.UpdateReq.Options();
      options.setLoginName(name);
      options.setFullName(fullName);
      options.setGroupsList([...groups]);
      const request = new users.UpdateReq();
      request.setOptions(options);
      return outcome((answered) => client.update(request, metadata, answered));
    },
    delete: (name) => {
      const options = new users.DeleteReq.Options();
      options.setLoginName(name);
      const request = new users.DeleteReq();
      request.setOptions(options);
      return outcome((answered) => client.delete(request, metadata, answered));
    },
    disable: (name) => {
      const options = new users.DisableReq.Options();
      options.setLoginName(name);
      const request = new users.DisableReq();
      request.setOptions(options);
      return outcome((answered) => client.disable(request, metadata, answered));
    },
    enable: (name) => {
      const options = new users.EnableReq.Options();
      options.setLoginName(name);
      const request = new users.EnableReq();
      request.setOptions(options);
      return outcome((answered) => client.enable(request, metadata, answered));
    },
    changePassword: (name, current, next) => {
      const options = new users.ChangePasswordReq.Options();
      options.setLoginName(name);
      options.setCurrentPassword(current);
      options.setNewPassword(next);
      const request = new users.ChangePasswordReq();
      request.setOptions(options);
      return outcome((answered) => client.changePassword(request, metadata, answered));
    },
    resetPassword: (name, next) => {
      const options = new users.ResetPasswordReq.Options();
      options.setLoginName(name);
      options.setNewPassword(next);
      const request = new users.ResetPasswordReq();
      request.setOptions(options);
      return outcome((answered) => client.resetPassword(request, metadata, answered));
    },
    details: async (name = "") => {
      const options = new users.DetailsReq.Options();
      options.setLoginName(name);
      const request = new users.DetailsReq();
      request.setOptions(options);
      const words: string[] = [];
      try {
        for await (const message of client.details(request, metadata))
          words.push(inWords(message as InstanceType<typeof users.DetailsResp>));
      } catch (error) {
        words.push(errorInWords(error as ServiceError));
      }
      return words;
    },
  };
}

function outcome(call: (answered: Answered) => unknown): Outcome {
  return new Promise((resolve) => {
    call((error) => resolve(error === null ? "done" : errorInWords(error)));
  });
}

/** Like `user-not-found bob`, or the number of a status where nothing else tells. */
function errorInWords({ code, metadata }: ServiceError): string {
  const [exception = String(code)] = metadata.get("exception");
  return [exception, ...metadata.get("login-name")].join(" ");
}

function inWords(message: InstanceType<typeof users.DetailsResp>): string {
  const { loginName, fullName, groupsList, disabled, lastUpdated } = message.getUserDetails()?.toObject() ?? {};
  const isDated = Number(lastUpdated?.ticksSinceEpoch) > 0;
  return `${loginName} (${fullName}) of ${groupsList?.join(", ")}${disabled === true ? ", disabled" : ""}${isDated ? "" : ", undated"}`;
}
