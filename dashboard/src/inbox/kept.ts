/** The last inbox that came, for the same person and as long as the tab lives: a reload shows it at once. */

import type { Inbox } from "../lib/api/dispatch";

const KEY = "ngatu.inbox";

export interface Kept {
  person: string;
  /** When it came, milliseconds since 1970 by this machine's clock. */
  at: number;
  inbox: Inbox;
}

export function keep(person: string, inbox: Inbox): void {
  try {
    sessionStorage.setItem(KEY, JSON.stringify({ person, at: Date.now(), inbox }));
  } catch {
    // A full or forbidden storage costs only the view right after a reload.
  }
}

export function keptFor(person: string): Kept | null {
  try {
    return readKept(sessionStorage.getItem(KEY), person);
  } catch {
    return null;
  }
}

/** Reads what was kept; nothing of another person, and nothing that is broken. */
export function readKept(text: string | null, person: string): Kept | null {
  if (text === null) return null;
  try {
    const kept = JSON.parse(text) as Kept | null;
    return kept?.person === person && Array.isArray(kept.inbox?.items) && Number.isFinite(kept.at) ? kept : null;
  } catch {
    return null;
  }
}

export function forget(): void {
  try {
    sessionStorage.removeItem(KEY);
  } catch {
    // Then nothing was kept.
  }
}
