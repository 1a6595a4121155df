/** Names of cameras and areas for the policy's words, asked for once. */

import { api } from "../lib/api/client";
import { loadApi } from "../load/api";

class NamesInForce {
  /** By `edge/camera`. */
  cameras = $state.raw<ReadonlyMap<string, string>>(new Map());
  areas = $state.raw<ReadonlyMap<string, string>>(new Map());
  #isAsked = false;

  load(): void {
    if (this.#isAsked) return;
    this.#isAsked = true;
    const again = () => {
      this.#isAsked = false;
    };
    api.cameras().then((list) => (this.cameras = new Map(list.items.map((one) => [`${one.edge}/${one.id}`, one.name || one.id]))), again);
    loadApi.areas().then((list) => (this.areas = new Map(list.items.map((one) => [one.id, one.name]))), again);
  }
}

export const names = new NamesInForce();
