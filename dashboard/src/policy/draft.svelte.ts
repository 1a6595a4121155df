/** The draft that somebody has in hand: it outlives a look at another screen, but not its author. */

import type { PolicyBody } from "./api";

class DraftInHand {
  #draft = $state.raw<{ person: string; body: PolicyBody; note: string } | null>(null);

  of(person: string): { body: PolicyBody; note: string } | null {
    return this.#draft?.person === person ? this.#draft : null;
  }

  put(person: string, body: PolicyBody, note: string): void {
    this.#draft = { person, body, note };
  }

  drop(): void {
    this.#draft = null;
  }
}

export const draftInHand = new DraftInHand();
