/**
 * The alerts that this dashboard knows, as a pure function of the frames that came. Always holds:
 * an alert is never replaced by an older version of itself, so frames may come twice or in another order; the center
 * numbers changes without holes, and `seq` stands before the first hole, so resuming after it misses nothing; nothing at
 * or below `floor` is taken, because the snapshot already spoke of it.
 */

import type { Alert } from "../api/types";
import type { Frame } from "./frames";

export interface LiveState {
  /** All changes up to this one are in `alerts`; null before the first snapshot. */
  readonly seq: number | null;
  /** Changes beyond a hole that are in `alerts` already. */
  readonly ahead: ReadonlySet<number>;
  /** Changes up to this one are settled: the snapshot or a forgotten alert stands for them. */
  readonly floor: number;
  readonly alerts: ReadonlyMap<string, Alert>;
  /** The change that the newest heartbeat spoke of. */
  readonly promised: number;
  /** The center's log is shorter than ours, so it is another log: ask for a snapshot. */
  readonly isRewound: boolean;
  /** Open alerts that had no room in the snapshot: the least grave, the oldest of them. */
  readonly leftOut: number;
}

export const NOTHING_YET: LiveState = {
  seq: null,
  ahead: new Set(),
  floor: 0,
  alerts: new Map(),
  promised: 0,
  isRewound: false,
  leftOut: 0,
};

/** Closed alerts that are kept, so that a row does not vanish under the operator's hand. */
export const CLOSED_KEPT = 200;

/** Whether a person or the machine still has something to do with it; what the policy mutes calls for nobody. */
export function isOpen(alert: Alert): boolean {
  return alert.muted === null && (alert.active || alert.acknowledged_at === null);
}

/** Whether a change is known to exist that did not arrive: resume after `seq`. */
export function isBehind(state: LiveState): boolean {
  return state.seq !== null && (state.ahead.size > 0 || state.promised > state.seq);
}

/** The state after `frames`, which came in this order. Copies the alerts once for all of them. */
export function reduce(state: LiveState, frames: readonly Frame[]): LiveState {
  if (frames.length === 0) return state;
  let { seq, floor, promised, isRewound, leftOut } = state;
  let alerts = new Map(state.alerts);
  let ahead = new Set(state.ahead);
  for (const frame of frames) {
    switch (frame.type) {
      case "snapshot":
        alerts = new Map(frame.alerts.map((alert) => [alert.id, alert]));
        seq = frame.seq;
        floor = frame.seq;
        ahead = new Set();
        promised = 0;
        isRewound = false;
        leftOut = frame.left_out ?? 0;
        break;
      case "change":
        if (frame.seq > floor) put(alerts, { ...frame.alert, seq: frame.seq });
        if (seq !== null && frame.seq > seq) ahead.add(frame.seq);
        while (seq !== null && ahead.delete(seq + 1)) seq += 1;
        break;
      case "passed":
        // Changes that are not for us: up to here there is no hole.
        if (seq !== null && frame.seq > seq) seq = frame.seq;
        for (const known of [...ahead]) if (seq !== null && known <= seq) ahead.delete(known);
        while (seq !== null && ahead.delete(seq + 1)) seq += 1;
        break;
      case "heartbeat":
        promised = frame.seq;
        isRewound = seq !== null && frame.seq < seq;
        break;
      case "incident":
      case "flood":
      case "report":
      case "resume":
        break;
    }
  }
  return forgetOldest({ seq, ahead, floor, alerts, promised, isRewound, leftOut });
}

/** The state with alerts that came by REST, such as the answer to an acknowledgement. Does not move `seq`. */
export function merge(state: LiveState, found: readonly Alert[]): LiveState {
  const alerts = new Map(state.alerts);
  for (const alert of found) put(alerts, alert);
  return { ...state, alerts };
}

function put(alerts: Map<string, Alert>, alert: Alert): void {
  const known = alerts.get(alert.id);
  if (!known || alert.seq > known.seq) alerts.set(alert.id, alert);
}

function forgetOldest(state: LiveState): LiveState {
  if (state.alerts.size <= CLOSED_KEPT) return state;
  const closed = [...state.alerts.values()].filter((alert) => !isOpen(alert));
  // Half again as many may gather, so that forgetting is rare.
  if (closed.length <= CLOSED_KEPT * 1.5) return state;
  closed.sort((a, b) => b.seq - a.seq);
  const alerts = new Map(state.alerts);
  let floor = state.floor;
  for (const alert of closed.slice(CLOSED_KEPT)) {
    alerts.delete(alert.id);
    floor = Math.max(floor, alert.seq);
  }
  return { ...state, alerts, floor };
}

/** Alerts that were raised in `frames` and must be called out at once. */
export function urgentNews(frames: readonly Frame[]): Alert[] {
  return frames
    .filter((frame) => frame.type === "change" && frame.change === "raised")
    .map((frame) => (frame as Extract<Frame, { type: "change" }>).alert)
    .filter((alert) => (alert.severity === "critical" || alert.severity === "high") && isOpen(alert));
}
