/** The order of the incidents and what their clocks say. Pure. */

import { type Incident, type IncidentClock, SEVERITIES } from "../lib/api/types";
import { isUnfinished } from "../lib/live/incidents";

/** The clock that runs out next, or ran out first; null when none waits. */
export function nextClock(incident: Incident): IncidentClock | null {
  if (!isUnfinished(incident)) return null;
  const waiting = incident.clocks.filter((clock) => clock.met_at === null);
  waiting.sort((a, b) => Date.parse(a.due_at) - Date.parse(b.due_at));
  return waiting[0] ?? null;
}

/** How an unfinished incident stands in one word: somebody has it, or nobody. A finished one stands as its status says. */
export function standing(incident: Incident): "taken" | Incident["status"] {
  if (!isUnfinished(incident)) return incident.status;
  return incident.owner === null ? "open" : "taken";
}

/** Milliseconds that are left of a clock; below 0 it is overdue. Of one that was met: what was left then. */
export function leftMs(clock: IncidentClock, now: number): number {
  return Date.parse(clock.due_at) - (clock.met_at === null ? now : Date.parse(clock.met_at));
}

const dueAt = (incident: Incident) => {
  const clock = nextClock(incident);
  return clock === null ? Number.POSITIVE_INFINITY : Date.parse(clock.due_at);
};

/** The unfinished first; among them whose clock runs out first, then the more severe, then the newest. */
export function inWorkOrder(incidents: Iterable<Incident>): Incident[] {
  return [...incidents].sort(
    (a, b) =>
      Number(isUnfinished(b)) - Number(isUnfinished(a)) ||
      compare(dueAt(a), dueAt(b)) ||
      SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
      Date.parse(b.opened_at) - Date.parse(a.opened_at) ||
      (a.id < b.id ? -1 : 1),
  );
}

/** Both may be infinite, and their difference no number. */
const compare = (a: number, b: number) => (a === b ? 0 : a < b ? -1 : 1);

/** Hours, minutes and seconds as a clock shows them: `4:05`, `1:00:00`. */
export function countdown(ms: number): string {
  const s = Math.floor(Math.abs(ms) / 1000);
  const two = (n: number) => String(n).padStart(2, "0");
  const h = Math.floor(s / 3600);
  const min = Math.floor(s / 60) % 60;
  return h > 0 ? `${h}:${two(min)}:${two(s % 60)}` : `${min}:${two(s % 60)}`;
}
