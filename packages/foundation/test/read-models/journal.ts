import { classOf, EventBase, ReadModelBase, type EventContext, type ReadModelHandler } from "@reactive-domain/foundation";

/** A read model that writes down every event that it is given, after a test's handler has had it. */
export class Journal extends ReadModelBase {
  readonly entries: string[] = [];
  readonly contexts: EventContext[] = [];

  constructor(handler: ReadModelHandler<EventBase> = () => undefined) {
    super();
    this.on(EventBase, async (event, context) => {
      await handler(event, context);
      this.contexts.push(context);
      this.entries.push(`${classOf(event).type} ${context.version} of ${context.stream}`);
    });
  }
}
