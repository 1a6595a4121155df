/** The kinds of incidents and their names, asked for once. */

import { api } from "../lib/api/client";
import type { Procedures } from "../lib/api/types";
import { words } from "../lib/i18n/words.svelte";
import { askOnce } from "../lib/once";

class ProceduresInForce {
  items = $state.raw<Procedures["items"]>([]);

  load = askOnce(async () => {
    this.items = (await api.procedures()).items;
  });

  /** The kind in words; until they have come, as the center writes it. */
  name(kind: string): string {
    return this.items.find((procedure) => procedure.kind === kind)?.name[words.language] ?? kind.replaceAll("_", " ");
  }
}

export const procedures = new ProceduresInForce();
