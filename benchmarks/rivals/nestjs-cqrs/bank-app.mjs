import { Module } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { CommandBus, CommandHandler, CqrsModule, EventBus, EventsHandler } from "@nestjs/cqrs";

export class Deposit {
  accountId;
  amount;

  constructor(accountId, amount) {
    this.accountId = accountId;
    this.amount = amount;
  }
}

export class AmountDeposited {
  accountId;
  amount;

  constructor(accountId, amount) {
    this.accountId = accountId;
    this.amount = amount;
  }
}

class DepositHandler {
  async execute(command) {
    return command.amount;
  }
}
CommandHandler(Deposit)(DepositHandler);

/**
 * The buses of an application without a server, with one handler of `Deposit` and some of `AmountDeposited`. Decorators are functions, and are called as such.
 *
 * @param {number} eventHandlers
 * @param {() => void} onHandled called by each of them, each time
 */
export async function openBankApp(eventHandlers, onHandled) {
  const handlers = Array.from({ length: eventHandlers }, () => newEventHandler(onHandled));
  const BankModule = class {
    handlers = handlers;
  };
  Module({ imports: [CqrsModule.forRoot()], providers: [DepositHandler, ...handlers] })(BankModule);
  const app = await NestFactory.createApplicationContext(BankModule, { logger: ["warn", "error", "fatal"] });
  return { commands: app.get(CommandBus), events: app.get(EventBus), close: () => app.close() };
}

function newEventHandler(onHandled) {
  class AmountDepositedHandler {
    async handle() {
      onHandled();
    }
  }
  EventsHandler(AmountDeposited)(AmountDepositedHandler);
  return AmountDepositedHandler;
}
