import { checkObject, currentRuntime, waitWith, type Runtime } from "@reactive-domain/core";
import { MessageCanceled, Oversubscribed, type NotHandled } from "../errors.ts";
import type { Answer, MessageClass, ResultOf } from "../message-types.ts";
import { classOf, type CommandBase, type MessageBase } from "../message.ts";
import type { HandlerFacts, Middleware } from "../middleware/middleware.ts";
import { checkSteps, nameOf, type MiddlewareOptions } from "../middleware/steps.ts";
import { validateAs } from "../validation.ts";
import { rejected } from "../rejected.ts";
import { keepCorrelation, placeInChain, runFor } from "./ambient.ts";
import { DEFAULTS, settingsOf, type CommandBusSettings } from "./command-bus-settings.ts";
import { Deadlines } from "./deadlines.ts";
import { BUS, type BusKind } from "./bus-kind.ts";
import type { BusDescription } from "./description.ts";
import type { AnyHandler, Unsubscribe } from "./handler.ts";
import { HandlerRegistry, type Registered } from "./handler-registry.ts";
import { promiseIn } from "../thenable.ts";
import { CommandContext, signalOf, type CommandHandlerContext, type SendOptions } from "./message-context.ts";
import { notHandled } from "./not-handled.ts";
import { Notices } from "./notices.ts";
import { Peers } from "./peers.ts";
import { failureOf, notDone, PendingCall, type CallDesk, type CommandNotice } from "./pending-call.ts";
import { acknowledged, succeeded, type CommandResponse } from "./response.ts";
import { slowReport, type SlowCommand } from "./slow-command.ts";

/** Carries out one type of command. What it throws reaches the sender as the cause of `command-failed`. */
export type CommandHandler<C extends CommandBase> = (command: C, context: CommandHandlerContext) => Answer<ResultOf<C>>;

export interface CommandBusOptions extends Partial<CommandBusSettings>, MiddlewareOptions<CommandBase> {
  /** Hears of commands that took longer than `slowAfterMs`, when they are done. What it throws becomes a warning of the process. */
  readonly onSlow?: (slow: SlowCommand) => unknown;
  /**
   * Whether what a handler sends belongs to the chain of what it handles, also where it does not say so. Default `true`. Node then tracks the promises of the
   * process, which costs some: switch it off on all buses where messages are correlated by hand.
   */
  readonly ambientCorrelation?: boolean;
}

export interface CommandSendOptions extends SendOptions {
  readonly ackTimeoutMs?: number;
  readonly responseTimeoutMs?: number;
}

/** Brings each command to its one handler. */
export interface CommandBus {
  /** Registers the handler of exactly this class; classes that derive from it need their own. Errors: `already-handled`, `invalid-argument`. */
  handle<C extends CommandBase>(commandClass: MessageClass<C>, handler: CommandHandler<C>): Unsubscribe;
  /**
   * Holds the command against its schema, runs its handler, and resolves to what that answers.
   *
   * Errors: `not-handled`, `invalid-message`, `message-canceled`, `timed-out`, `oversubscribed`; `command-failed` when the handler throws, with what it threw as the cause.
   */
  send<R>(command: CommandBase<R>, options?: CommandSendOptions): Promise<R>;
  /** The same, but tells what came of it instead of throwing: `Success` with the result, `Fail` or `Canceled` with the error. */
  trySend<R>(command: CommandBase<R>, options?: CommandSendOptions): Promise<CommandResponse<R>>;
  /**
   * Hears of every command that is sent on this bus: `Acknowledged` before its handler begins, then `Success`, `Fail` or `Canceled`. A handler that comes to an end
   * after its time was up is told of, too: a second response. What an observer throws becomes a warning of the process.
   */
  observe(observer: (notice: CommandNotice) => unknown): Unsubscribe;
  /** Has commands that are sent on either bus find their handler on both, until the returned function is called. Two buses are connected once. Errors: `invalid-argument`. */
  connect(other: CommandBus): Unsubscribe;
  /** Changes what the next `send` goes by; commands that are under way keep what they have. Errors: `invalid-argument`. */
  configure(settings: Partial<CommandBusSettings>): void;
  /** Whether a message of exactly this class finds its handler from here, also on connected buses. */
  handles(messageClass: MessageClass): boolean;
  /** The handlers that there are for messages of exactly this class, here and on connected buses: one, where nothing is missing or too much. */
  handlersFor(messageClass: MessageClass): readonly HandlerFacts[];
  /** The types that have a handler here, in alphabetical order. */
  handledTypes(): readonly string[];
  /** What it handles, by whom, and the steps around them. */
  describe(): BusDescription;
}

/** A command bus within this process that runs handlers directly, as many at a time as there are senders. Errors: `invalid-argument`. */
export function createCommandBus(options: CommandBusOptions = {}): CommandBus {
  checkObject("options of createCommandBus", options);
  return new DirectCommandBus(options);
}

class DirectCommandBus implements CommandBus {
  readonly [BUS] = "command" satisfies BusKind;
  readonly #runtime: Runtime = currentRuntime();
  readonly #steps: readonly Middleware<never>[];
  readonly #registry: HandlerRegistry;
  /** Those that wait for a handler: each looks again. */
  readonly #unclaimed = new Set<() => void>();
  readonly #desk: CallDesk = { notices: new Notices(), deadlines: new Deadlines(this.#runtime) };
  readonly #slow = new Notices<SlowCommand>();
  readonly peers: Peers<DirectCommandBus> = new Peers<DirectCommandBus>(this);
  #settings: CommandBusSettings = DEFAULTS;

  constructor({ onSlow, middleware = [], ambientCorrelation = true, ...settings }: CommandBusOptions) {
    this.#steps = checkSteps(middleware);
    this.#registry = new HandlerRegistry("command", this.#steps);
    if (onSlow !== undefined) this.#slow.observe(onSlow);
    this.configure(settings);
    if (ambientCorrelation) keepCorrelation();
  }

  handle<C extends CommandBase>(commandClass: MessageClass<C>, handler: CommandHandler<C>): Unsubscribe {
    const end = this.#registry.add(commandClass, handler as AnyHandler);
    this.#lookAgain();
    return end;
  }

  send<R>(command: CommandBase<R>, options?: CommandSendOptions): Promise<R> {
    try {
      const context = new CommandContext(command, classOf(command), signalOf(options));
      placeInChain(command);
      const settings = options === undefined ? this.#settings : settingsOf(options, this.#settings);
      const turn = this.#runtime.scheduler.turn();
      return (turn === undefined ? this.#dispatch(context, settings) : turn.then(() => this.#dispatch(context, settings))) as Promise<R>;
    } catch (error) {
      return rejected(error);
    }
  }

  async trySend<R>(command: CommandBase<R>, options?: CommandSendOptions): Promise<CommandResponse<R>> {
    try {
      return succeeded(command, await this.send(command, options));
    } catch (error) {
      // What is no command has no response.
      classOf(command);
      return notDone(command, error as Error);
    }
  }

  observe(observer: (notice: CommandNotice) => unknown): Unsubscribe {
    return this.#desk.notices.observe(observer);
  }

  connect(other: CommandBus): Unsubscribe {
    const end = this.peers.connect(other);
    this.#lookAgain();
    return end;
  }

  configure(settings: Partial<CommandBusSettings>): void {
    checkObject("settings", settings);
    this.#settings = settingsOf(settings, this.#settings);
  }

  handles(messageClass: MessageClass): boolean {
    return this.#registeredFor(messageClass).length === 1;
  }

  handlersFor(messageClass: MessageClass): readonly HandlerFacts[] {
    return this.#registeredFor(messageClass).map(({ facts }) => facts);
  }

  handledTypes(): readonly string[] {
    return this.#registry.types();
  }

  describe(): BusDescription {
    return { handlers: this.#registry.handlers(), middleware: this.#steps.map(nameOf) };
  }

  #dispatch(context: CommandContext, settings: CommandBusSettings): Promise<unknown> {
    const { messageClass, sender } = context;
    if (sender?.aborted === true) return this.#refuse(context, new MessageCanceled(messageClass.type, sender.reason));
    const found = this.peers.areNone ? this.#registry.find(messageClass) : this.#findOnAll(messageClass);
    if (found instanceof Oversubscribed) return this.#refuse(context, found);
    if (found !== undefined) return this.#run(found, context, settings);
    return this.peers.areNone ? this.#refuse(context, this.#notHandled(messageClass)) : this.#waitForHandler(context, settings);
  }

  #findOnAll(messageClass: typeof MessageBase): Registered | Oversubscribed | undefined {
    const [found, another] = this.#registeredFor(messageClass);
    if (found === undefined || another === undefined) return found;
    return new Oversubscribed(messageClass.type, found.facts.site, another.facts.site);
  }

  #registeredFor(messageClass: unknown): readonly Registered[] {
    return [...this.peers.reachable()].flatMap((bus) => bus.#registry.find(messageClass) ?? []);
  }

  #run({ run, validates }: Registered, context: CommandContext, settings: CommandBusSettings): Promise<unknown> {
    const { message: command, messageClass, sender } = context;
    const { notices } = this.#desk;
    const report = this.#slow.isObserved ? slowReport(context, settings.slowAfterMs, this.#runtime.clock, this.#slow) : undefined;
    try {
      if (validates) validateAs(command, messageClass.definition);
    } catch (error) {
      return this.#refuse(context, error as Error);
    }
    if (notices.isObserved) notices.tell(acknowledged(command));
    // A schema or an observer may have taken the sender's wish to stop.
    if (sender?.aborted === true) return this.#refuse(context, new MessageCanceled(messageClass.type, sender.reason));
    try {
      const answer = runFor(command, run, context);
      const promise = promiseIn(answer);
      if (promise !== undefined) return new PendingCall(context, this.#desk, settings.responseTimeoutMs).settleWith(promise, report);
      context.end();
      report?.();
      if (notices.isObserved) notices.tell(succeeded(command, answer));
      return Promise.resolve(answer);
    } catch (error) {
      context.end();
      report?.();
      return this.#refuse(context, failureOf(context, error));
    }
  }

  #refuse({ message: command }: CommandContext, error: Error): Promise<never> {
    if (this.#desk.notices.isObserved) this.#desk.notices.tell(notDone(command, error));
    return Promise.reject(error);
  }

  /** Until one is registered, the time to acknowledge is up, or the sender gives up. */
  async #waitForHandler(context: CommandContext, settings: CommandBusSettings): Promise<unknown> {
    const { messageClass, sender } = context;
    const { deadlines } = this.#desk;
    try {
      await waitWith(sender, (done) => {
        const stop = (): void => {
          deadlines.lift(deadline);
          this.#unclaimed.delete(look);
        };
        const end = (): void => {
          stop();
          done();
        };
        const look = (): void => {
          if (this.#findOnAll(messageClass) !== undefined) end();
        };
        const deadline = deadlines.set(settings.ackTimeoutMs, end);
        this.#unclaimed.add(look);
        return stop;
      });
    } catch {
      return this.#refuse(context, new MessageCanceled(messageClass.type, sender?.reason));
    }
    const found = this.#findOnAll(messageClass);
    if (found instanceof Oversubscribed) return this.#refuse(context, found);
    return found === undefined ? this.#refuse(context, this.#notHandled(messageClass)) : this.#run(found, context, settings);
  }

  /** There may be a handler now for what waits for one, here or on a connected bus. */
  #lookAgain(): void {
    for (const bus of this.peers.reachable()) for (const look of bus.#unclaimed) look();
  }

  #notHandled({ type }: typeof MessageBase): NotHandled {
    return notHandled(type, [...this.peers.reachable()].flatMap((bus) => bus.handledTypes()).toSorted());
  }
}
