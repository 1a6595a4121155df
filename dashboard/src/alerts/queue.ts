/** The order of the alert queue, its filters, and holding it still under the operator's hand. Pure. */

import { type Alert, SEVERITIES, type Severity } from "../lib/api/types";
import { isOpen } from "../lib/live/reducer";

export const QUEUE_STATES = ["open", "unacknowledged", "acknowledged", "shelved", "all"] as const;
export type QueueState = (typeof QUEUE_STATES)[number];

export interface Filter {
  /** Empty: all. */
  severities: readonly Severity[];
  state: QueueState;
  /** `edge/camera`, or empty for all. */
  camera: string;
}

/** Reads a filter from the address; what is unknown is left out, so an old link still opens. */
export function readFilter(get: (key: string) => string): Filter {
  const named = get("severity").split(",");
  return {
    severities: SEVERITIES.filter((severity) => named.includes(severity)),
    state: QUEUE_STATES.find((state) => state === get("state")) ?? "open",
    camera: get("camera"),
  };
}

export function isFiltered(filter: Filter): boolean {
  return filter.severities.length > 0 || filter.state !== "open" || filter.camera !== "";
}

export const cameraKey = (of: { edge: string; camera: string | null }) => `${of.edge}/${of.camera ?? ""}`;

export function fits(alert: Alert, filter: Filter): boolean {
  if (filter.severities.length > 0 && !filter.severities.includes(alert.severity)) return false;
  if (filter.camera !== "" && filter.camera !== cameraKey(alert)) return false;
  switch (filter.state) {
    case "open":
      return isOpen(alert) && alert.shelved === null;
    case "unacknowledged":
      return alert.acknowledged_at === null && alert.shelved === null;
    case "acknowledged":
      return alert.acknowledged_at !== null;
    case "shelved":
      return alert.shelved !== null;
    case "all":
      return true;
  }
}

/** Which severities alerts have that had no room here, the least grave and of these the oldest: of which the last is here, and all below. */
export function severitiesLeftOut(alerts: Iterable<Alert>): Severity[] {
  const least = Math.max(-1, ...new Set([...alerts].filter(isOpen).map((alert) => rank(alert.severity))));
  return SEVERITIES.slice(Math.max(0, least));
}

/** When the oldest open alert of a severity was raised that is here: what has no room is older; undefined when none is here. */
export function oldestOf(severity: Severity, alerts: Iterable<Alert>): string | undefined {
  let oldest: string | undefined;
  for (const alert of alerts) {
    if (alert.severity !== severity || !isOpen(alert)) continue;
    if (oldest === undefined || Date.parse(alert.raised_at) < Date.parse(oldest)) oldest = alert.raised_at;
  }
  return oldest;
}

/** A severity of a newer center goes first rather than out of sight. */
const rank = (severity: Severity) => SEVERITIES.indexOf(severity);

/** 0: nobody has seen it. 1: seen and still going on. 2: over. */
function group(alert: Alert): number {
  if (alert.acknowledged_at === null) return 0;
  return alert.active ? 1 : 2;
}

/**
 * The queue's order: what nobody has acknowledged first; in it by severity; of one severity what still goes on before
 * what has ended; then the newest first. Raised times do not change, so a repeated alert keeps its place.
 */
export function inOrder(alerts: Iterable<Alert>): Alert[] {
  return [...alerts].sort(
    (a, b) =>
      group(a) - group(b) ||
      rank(a.severity) - rank(b.severity) ||
      Number(b.active) - Number(a.active) ||
      Date.parse(b.raised_at) - Date.parse(a.raised_at) ||
      (a.id < b.id ? -1 : 1),
  );
}

export interface Arrangement {
  /** Ids as they are shown. */
  shown: string[];
  /** Ids that wait to be let in. */
  waiting: string[];
}

/**
 * What to show, given what was shown and what ought to be. While the list is held, every shown row keeps its place, also
 * one that no longer belongs, and new ones wait.
 */
export function arrange(shown: readonly string[], wanted: readonly string[], isHeld: boolean): Arrangement {
  if (!isHeld || shown.length === 0) return { shown: [...wanted], waiting: [] };
  const visible = new Set(shown);
  return { shown: [...shown], waiting: wanted.filter((id) => !visible.has(id)) };
}

export type Counts = Record<Severity, number>;

/** Open alerts by severity; what somebody shelved does not call for anybody. */
export function countOpen(alerts: Iterable<Alert>): Counts {
  const counts: Counts = { critical: 0, high: 0, medium: 0, low: 0 };
  for (const alert of alerts) if (isOpen(alert) && alert.shelved === null) counts[alert.severity] += 1;
  return counts;
}

/** The row to go to from `current` by `step`; stays within the list. */
export function stepFrom(shown: readonly string[], current: string | null, step: 1 | -1): string | null {
  const at = current === null ? -1 : shown.indexOf(current);
  if (at === -1) return (step === 1 ? shown[0] : shown[shown.length - 1]) ?? null;
  return shown[Math.min(shown.length - 1, Math.max(0, at + step))] ?? null;
}

/** After an acknowledgement: the next row below, else above, that still waits for one; else the same row. */
export function nextToDo(shown: readonly string[], current: string, isToDo: (id: string) => boolean): string {
  const at = shown.indexOf(current);
  const below = shown.slice(at + 1).find(isToDo);
  return below ?? shown.slice(0, Math.max(0, at)).find(isToDo) ?? current;
}
