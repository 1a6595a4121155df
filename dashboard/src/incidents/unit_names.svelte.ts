/** The units by name, asked for once: what is written down of them has their ids. */

import { api } from "../lib/api/client";
import type { Unit } from "../lib/api/dispatch";
import { words } from "../lib/i18n/words.svelte";
import { askOnce } from "../lib/once";
import { unitName } from "./units";

class UnitNames {
  #units = $state.raw<ReadonlyMap<string, Unit>>(new Map());

  load = askOnce(async () => {
    this.#units = new Map((await api.units()).items.map((unit) => [unit.id, unit]));
  });

  /** The unit in words; until they have come, and of one that is of others, its id. */
  of(id: string): string {
    const unit = this.#units.get(id);
    return unit ? unitName(unit, words.language) : id;
  }
}

export const unitNames = new UnitNames();
