import { Option, type Command } from "commander";
import { addUser, removeUser, setPassword, type NewUserOptions, type PasswordOptions } from "./commands/users/change-user.ts";
import { listUsers } from "./commands/users/list-users.ts";
import { USER_PASSWORD_VARIABLE, USERS_FORMS, type UserOptions } from "./commands/users/user-access.ts";
import type { Output } from "./output.ts";
import { notBlank, storeOption } from "./program-options.ts";

/** The commands about the users of a served store. */
export function addUsers(program: Command, output: Output): void {
  const user = program
    .command("user")
    .description("Manages who may log in where a store is served to clients of KurrentDB. Servers that run see what changes.");
  common(user, "list", "Lists the users by login name.")
    .option("--json", "one JSON object a line: login, fullName, groups, disabled, updatedAt")
    .action((options: UserOptions) => listUsers(options, output));
  const groups = (text: string, before: readonly string[] = []): readonly string[] => [...before, notBlank(text)];
  withPassword(ofOne(user, "add", "Makes a user."))
    .addOption(
      new Option("--group <name>", "a group that the user is in, like sales, $ops or $admins; may be given several times").argParser(
        groups,
      ),
    )
    .addOption(new Option("--full-name <text>", "what the user is called").argParser(notBlank))
    .option("--json", "one JSON object: login, change")
    .action((login: string, options: NewUserOptions) => addUser(login, options, output));
  withPassword(ofOne(user, "password", "Sets the password of a user. Who is logged in with the one before is out."))
    .option("--json", "one JSON object: login, change")
    .action((login: string, options: PasswordOptions) => setPassword(login, options, output));
  ofOne(user, "remove", "Removes a user, who is out at once.")
    .option("--json", "one JSON object: login, change")
    .action((login: string, options: UserOptions) => removeUser(login, options, output));
}

function withPassword(command: Command): Command {
  return command.addOption(
    new Option("--password-file <file>", `the file with the password; or set ${USER_PASSWORD_VARIABLE}`).argParser(notBlank),
  );
}

function ofOne(user: Command, name: string, description: string): Command {
  return common(user, name, description).argument("<login>", "the login name", notBlank);
}

function common(user: Command, name: string, description: string): Command {
  return user.command(name).description(description).addOption(storeOption(USERS_FORMS));
}
