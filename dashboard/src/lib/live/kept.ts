/**
 * What this tab knew last, for the same person and as long as the tab lives: a reload while the center is away shows it.
 * Words and numbers only; pictures are never kept.
 */

import type { Alert, Incident, Me } from "../api/types";
import { inOrder } from "../../alerts/queue";
import { isUnfinished } from "./incidents";
import { isOpen } from "./reducer";

const KEY = "ngatu.known";
const PERSON = "ngatu.person";
/** More would not fit into what a browser gives a tab. */
const MOST_ALERTS = 500;
const MOST_INCIDENTS = 200;

export interface Known {
  person: string;
  /** When it was last complete, milliseconds since 1970 by this machine's clock. */
  at: number;
  alerts: Alert[];
  incidents: Incident[];
}

/** The part that is kept: what is open, the most pressing first. */
export function toKeep(person: string, at: number, alerts: Iterable<Alert>, incidents: Iterable<Incident>): Known {
  return {
    person,
    at,
    alerts: inOrder([...alerts].filter(isOpen)).slice(0, MOST_ALERTS),
    incidents: [...incidents].filter(isUnfinished).slice(0, MOST_INCIDENTS),
  };
}

/** Reads what was kept; nothing of another person, and nothing that is broken. */
export function readKnown(text: string | null, person: string): Known | null {
  if (text === null) return null;
  try {
    const known = JSON.parse(text) as Known | null;
    const isWhole = Array.isArray(known?.alerts) && Array.isArray(known.incidents) && Number.isFinite(known.at);
    return isWhole && known?.person === person ? known : null;
  } catch {
    return null;
  }
}

export function keepKnown(known: Known): void {
  write(KEY, known);
}

export function knownFor(person: string): Known | null {
  return readKnown(read(KEY), person);
}

export function keepPerson(me: Me): void {
  write(PERSON, me);
}

/** Who was signed in when the center last answered; null when nobody was. */
export function keptPerson(): Me | null {
  try {
    const me = JSON.parse(read(PERSON) ?? "null") as Me | null;
    return typeof me?.id === "string" && Array.isArray(me.areas) ? me : null;
  } catch {
    return null;
  }
}

/** Forgets all of it: the session is over. */
export function forgetAll(): void {
  try {
    for (const key of [KEY, PERSON]) sessionStorage.removeItem(key);
  } catch {
    // Then nothing was kept.
  }
}

function read(key: string): string | null {
  try {
    return sessionStorage.getItem(key);
  } catch {
    return null;
  }
}

function write(key: string, value: unknown): void {
  try {
    sessionStorage.setItem(key, JSON.stringify(value));
  } catch {
    // A full or forbidden storage costs only the view right after a reload.
  }
}
