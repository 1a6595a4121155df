/** Where a report may lie: the city's areas and their cameras, asked for once. */

import { api } from "../lib/api/client";
import type { Camera } from "../lib/api/types";
import type { Area } from "../load/api";
import { reportsApi } from "./api";

class Places {
  /** All of the city, not only one's own: a report may be somebody else's. */
  areas = $state.raw<readonly Area[]>([]);
  cameras = $state.raw<readonly Camera[]>([]);
  #isAsked = false;

  load(): void {
    if (this.#isAsked) return;
    this.#isAsked = true;
    const again = () => {
      this.#isAsked = false;
    };
    reportsApi.areas().then((list) => (this.areas = list), again);
    api.cameras().then((list) => (this.cameras = list.items), again);
  }

  nameOf(area: string): string {
    return this.areas.find((one) => one.id === area)?.name ?? area;
  }
}

export const places = new Places();
