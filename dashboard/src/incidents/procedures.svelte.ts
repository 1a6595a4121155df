/** The kinds of incidents and their names, asked for once. */

import { api } from "../lib/api/client";
import type { Procedures } from "../lib/api/types";
import { words } from "../lib/i18n/words.svelte";

class ProceduresInForce {
  items = $state.raw<Procedures["items"]>([]);
  #isAsking = false;

  load(): void {
    if (this.#isAsking || this.items.length > 0) return;
    this.#isAsking = true;
    api
      .procedures()
      .then((list) => (this.items = list.items), () => {})
      .finally(() => (this.#isAsking = false));
  }

  /** The kind in words; until they have come, as the center writes it. */
  name(kind: string): string {
    return this.items.find((procedure) => procedure.kind === kind)?.name[words.language] ?? kind.replaceAll("_", " ");
  }
}

export const procedures = new ProceduresInForce();
