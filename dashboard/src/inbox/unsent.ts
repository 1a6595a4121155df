/** Answers that people of a unit gave while the center could not be reached: kept with the tab, sent when it is back. Pure, but for the storage. */

import type { DispatchState } from "../lib/api/dispatch";

const KEY = "ngatu.unsent";

export interface Unsent {
  dispatch: string;
  state: DispatchState;
  text: string;
  /** When the button was pressed, milliseconds since 1970 by this machine's clock. */
  at: number;
  /** Names the wish: if the center got it after all, it is done once. */
  key: string;
}

/** With this answer in it: a dispatch has one answer that waits, the newest. */
export function put(all: readonly Unsent[], one: Unsent): Unsent[] {
  return [...without(all, one.dispatch), one];
}

export const without = (all: readonly Unsent[], dispatch: string) => all.filter((one) => one.dispatch !== dispatch);

/** Reads what was kept; nothing of another person, and nothing that is broken. */
export function readUnsent(text: string | null, person: string): Unsent[] {
  if (text === null) return [];
  try {
    const kept = JSON.parse(text) as { person?: string; unsent?: Unsent[] } | null;
    if (kept?.person !== person || !Array.isArray(kept.unsent)) return [];
    return kept.unsent.filter((one) => typeof one?.dispatch === "string" && typeof one.key === "string" && Number.isFinite(one.at));
  } catch {
    return [];
  }
}

export function keepUnsent(person: string, unsent: readonly Unsent[]): void {
  try {
    if (unsent.length === 0) sessionStorage.removeItem(KEY);
    else sessionStorage.setItem(KEY, JSON.stringify({ person, unsent }));
  } catch {
    // Then it waits as long as the page lives.
  }
}

export function unsentOf(person: string): Unsent[] {
  try {
    return readUnsent(sessionStorage.getItem(KEY), person);
  } catch {
    return [];
  }
}
