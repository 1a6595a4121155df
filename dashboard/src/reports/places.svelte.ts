/** Where a report may lie: the city's areas and their cameras, asked for once. */

import { api } from "../lib/api/client";
import type { Camera } from "../lib/api/types";
import { askOnce } from "../lib/once";
import type { Area } from "../load/api";
import { reportsApi } from "./api";

class Places {
  /** All of the city, not only one's own: a report may be somebody else's. */
  areas = $state.raw<readonly Area[]>([]);
  cameras = $state.raw<readonly Camera[]>([]);

  load = askOnce(
    async () => {
      this.areas = await reportsApi.areas();
    },
    async () => {
      this.cameras = (await api.cameras()).items;
    },
  );

  nameOf(area: string): string {
    return this.areas.find((one) => one.id === area)?.name ?? area;
  }
}

export const places = new Places();
