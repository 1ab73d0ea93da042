import type { MessageDefinition } from "../message-definition.ts";

/** What stands in the place of a value that is not shown. */
export const MASKED = "***";

/** Which parts of a value are not shown. */
export interface Mask {
  readonly isWhole: boolean;
  readonly parts: ReadonlyMap<string, Mask>;
}

interface OpenMask extends Mask {
  isWhole: boolean;
  readonly parts: Map<string, OpenMask>;
}

const masks = new WeakMap<MessageDefinition, Mask>();

/** The mask of all that a definition calls sensitive; `undefined` where that is nothing. */
export function maskOf(definition: MessageDefinition): Mask | undefined {
  if (definition.sensitive.length === 0) return undefined;
  let mask = masks.get(definition);
  if (mask === undefined) {
    mask = maskFrom(definition.sensitive);
    masks.set(definition, mask);
  }
  return mask;
}

/** Whether a value is not shown at all: also where the way leads on, and the value has no parts. */
export function hides(mask: Mask, value: unknown): boolean {
  return mask.isWhole || (mask.parts.size > 0 && typeof value !== "object");
}

function maskFrom(paths: readonly string[]): Mask {
  const root = openMask();
  for (const path of paths) {
    let mask = root;
    for (const step of path.split(".")) mask = partOf(mask, step);
    mask.isWhole = true;
    // A field's own name may have dots.
    partOf(root, path).isWhole = true;
  }
  return root;
}

function partOf({ parts }: OpenMask, name: string): OpenMask {
  let part = parts.get(name);
  if (part === undefined) {
    part = openMask();
    parts.set(name, part);
  }
  return part;
}

function openMask(): OpenMask {
  return { isWhole: false, parts: new Map() };
}
