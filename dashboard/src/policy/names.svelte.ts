/** Names of cameras and areas for the policy's words, asked for once. */

import { api } from "../lib/api/client";
import { askOnce } from "../lib/once";
import { loadApi } from "../load/api";

class NamesInForce {
  /** By `edge/camera`. */
  cameras = $state.raw<ReadonlyMap<string, string>>(new Map());
  areas = $state.raw<ReadonlyMap<string, string>>(new Map());

  load = askOnce(
    async () => {
      const { items } = await api.cameras();
      this.cameras = new Map(items.map((one) => [`${one.edge}/${one.id}`, one.name || one.id]));
    },
    async () => {
      const { items } = await loadApi.areas();
      this.areas = new Map(items.map((one) => [one.id, one.name]));
    },
  );
}

export const names = new NamesInForce();
