import { unlessAborted } from "@reactive-domain/core";
import type { Projections } from "../projections/projections.ts";
import type { View } from "../views/view.ts";

export interface ViewGateOptions {
  readonly view: View;
  readonly projections: Pick<Projections, "edge" | "moved">;
  readonly signal: AbortSignal;
  /** Called when the view shows more than before. */
  readonly onMoved: () => void;
  readonly onFault: (error: unknown) => void;
}

/** Holds up what a view does not show while the projection that makes it is stopped. */
export class ViewGate {
  readonly #options: ViewGateOptions;
  #end = Number.POSITIVE_INFINITY;
  #isWaiting = false;

  constructor(options: ViewGateOptions) {
    this.#options = options;
  }

  shows(position: number): boolean {
    return position <= this.#end;
  }

  /** Learns where the view ends. To be called when events have been claimed. */
  async look(): Promise<void> {
    const { view, projections, signal } = this.#options;
    if (view.projection === undefined || this.#isWaiting) return;
    const edge = await projections.edge(view.projection, signal);
    this.#end = edge?.position ?? Number.POSITIVE_INFINITY;
    if (edge === undefined) return;
    this.#isWaiting = true;
    void this.#wait(projections.moved(view.projection, edge, signal));
  }

  async #wait(moved: Promise<void>): Promise<void> {
    const { signal, onMoved, onFault } = this.#options;
    try {
      await unlessAborted(moved, signal);
      this.#isWaiting = false;
      await this.look();
      onMoved();
    } catch (error) {
      if (!signal.aborted) onFault(error);
    }
  }
}
