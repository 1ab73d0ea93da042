import type { ReadSource, WriteItem } from "@reactive-domain/persistence";
import { newEventText } from "./answer-text.ts";
import type { Action, FollowStep, Script, Step } from "./script.ts";

/** A script in words, one step a line. */
export function scriptText(script: Script): string {
  return script.map((step, index) => `  ${index + 1}. ${stepText(step)}`).join("\n");
}

/** A step in words. */
export function stepText({ caller, action }: Step): string {
  return `caller ${caller} ${actionText(action)}`;
}

/** What is done, in words. */
export function actionText(action: Action): string {
  switch (action.kind) {
    case "write":
      return `writes ${action.items.map(itemText).join(" and ")}`;
    case "read":
      return `reads ${sourceText(action.source)}${factsText(action.options)}`;
    case "info":
      return `asks about ${action.stream}`;
    case "scavenge":
      return "scavenges";
    case "follow":
      return `opens ${subscriptionText(action)}`;
    case "advance":
      return `takes up to ${action.messages} messages of subscription ${action.subscription}`;
    default:
      return `closes subscription ${action.subscription}`;
  }
}

/** A subscription, in words. */
export function subscriptionText({ subscription, source, options, isEager }: FollowStep): string {
  return `subscription ${subscription} to ${sourceText(source)}${factsText(options)}${isEager ? ", read at once" : ""}`;
}

function itemText(item: WriteItem): string {
  if (item.kind === "append") return `[${item.events.map(newEventText).join("; ")}] to ${item.stream} (${item.expectedVersion})`;
  if (item.kind === "metadata") return `metadata ${JSON.stringify(item.metadata)} of ${item.stream}`;
  return "stream" in item ? `a ${item.kind} of ${item.stream} (${item.expectedVersion})` : `a ${item.kind}`;
}

function sourceText(source: ReadSource): string {
  return "all" in source ? "all" : Object.entries(source).join().replace(",", " ");
}

/** What differs from the defaults. */
function factsText(options: object): string {
  const facts = Object.entries(options).map(([key, value]) => `, ${key} ${typeof value === "string" ? value : JSON.stringify(value)}`);
  return facts.join("");
}
