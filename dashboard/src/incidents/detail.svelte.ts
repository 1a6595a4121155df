/** What the center knows of one incident beyond its row: sources, log, pictures and dispatches. Asked for at each change. */

import { api, Problem } from "../lib/api/client";
import type { Dispatch, Unit } from "../lib/api/dispatch";
import type { IncidentView } from "../lib/api/types";

export class Detail {
  view = $state.raw<IncidentView | null>(null);
  dispatches = $state.raw<Dispatch[]>([]);
  /** They have been asked for and answered: none is none. */
  hasDispatches = $state(false);
  units = $state.raw<Unit[]>([]);
  trouble = $state<"" | "gone" | "failed">("");
  #turn = 0;

  constructor(private readonly id: string) {}

  async load(): Promise<void> {
    this.#turn += 1;
    const turn = this.#turn;
    // A center or a role without dispatches still shows the incident.
    api.dispatchesOf(this.id).then(
      (page) => {
        this.dispatches = page.items;
        this.hasDispatches = true;
      },
      () => {},
    );
    if (this.units.length === 0) api.units().then((list) => (this.units = list.items), () => {});
    try {
      const view = await api.incident(this.id);
      if (turn !== this.#turn) return;
      this.view = view;
      this.trouble = "";
    } catch (error) {
      if (turn === this.#turn) this.trouble = error instanceof Problem && error.status === 404 ? "gone" : "failed";
    }
  }
}
