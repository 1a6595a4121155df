/** Grouping what matters less while alerts come in a flood (ISA-18.2): critical and high ones always stand by themselves. Pure. */

import type { Alert, Severity } from "../lib/api/types";
import { cameraKey } from "./queue";

/** A flood never hides what is more urgent than these. */
const FOLDED: readonly Severity[] = ["medium", "low"];
/** One alert alone tells more than a group of one. */
const LEAST = 2;

export interface Fold {
  key: string;
  /** In the order of the queue, which puts the newest of them first. */
  ids: string[];
  /** The first of them. */
  first: Alert;
  /** How many still go on. */
  active: number;
}

export type Item = { id: string } | { fold: Fold; isOpen: boolean };

function keyOf(alert: Alert): string | null {
  if (!FOLDED.includes(alert.severity)) return null;
  const seen = alert.acknowledged_at === null ? "" : "seen";
  return [seen, alert.severity, alert.kind, cameraKey(alert)].join("|");
}

/** What to draw for these rows: a group stands where its first alert stood, and an opened one has its alerts under it. */
export function fold(ids: readonly string[], known: ReadonlyMap<string, Alert>, opened: ReadonlySet<string>): Item[] {
  const folds = new Map<string, Fold>();
  const keys = new Map<string, string>();
  for (const id of ids) {
    const alert = known.get(id);
    const key = alert ? keyOf(alert) : null;
    if (!alert || key === null) continue;
    keys.set(id, key);
    const there = folds.get(key);
    if (there) {
      there.ids.push(id);
      there.active += Number(alert.active);
    } else {
      folds.set(key, { key, ids: [id], first: alert, active: Number(alert.active) });
    }
  }
  return ids.flatMap((id): Item[] => {
    const group = folds.get(keys.get(id) ?? "");
    if (!group || group.ids.length < LEAST) return [{ id }];
    if (group.ids[0] !== id) return [];
    const isOpen = opened.has(group.key);
    return [{ fold: group, isOpen }, ...(isOpen ? group.ids.map((member) => ({ id: member })) : [])];
  });
}

/** The alerts that can be seen one by one, in the order in which they are drawn. */
export const idsOf = (items: readonly Item[]): string[] => items.flatMap((item) => ("id" in item ? [item.id] : []));

/** How much is out of sight: alerts, and the groups that stand for them. */
export function hidden(items: readonly Item[]): { alerts: number; groups: number } {
  const closed = items.flatMap((item) => ("fold" in item && !item.isOpen ? [item.fold] : []));
  return { alerts: closed.reduce((sum, { ids }) => sum + ids.length, 0), groups: closed.length };
}
