/**
 * The incidents that this dashboard knows, as a pure function of the frames that came. Their numbers have holes (other
 * areas), so it is the heartbeat that says how far the center has come; frames of one socket come in order.
 */

import type { Incident } from "../api/types";
import type { Frame } from "./frames";

export interface IncidentsState {
  /** All changes up to this one are in `incidents`; null before the first snapshot. */
  readonly seq: number | null;
  readonly incidents: ReadonlyMap<string, Incident>;
  /** The center's log is shorter than ours, so it is another log: ask for a snapshot. */
  readonly isRewound: boolean;
  /** Unfinished incidents that had no room in the snapshot. */
  readonly leftOut: number;
}

export const NO_INCIDENTS: IncidentsState = { seq: null, incidents: new Map(), isRewound: false, leftOut: 0 };

/** Finished incidents that are kept, so that a row does not vanish under the hand. */
export const FINISHED_KEPT = 200;

export const isUnfinished = (incident: Incident) => incident.status === "open" || incident.status === "in_progress";

export function reduceIncidents(state: IncidentsState, frames: readonly Frame[]): IncidentsState {
  let { seq, isRewound, leftOut } = state;
  let incidents: Map<string, Incident> | null = null;
  for (const frame of frames) {
    if (frame.type === "snapshot") {
      incidents = new Map((frame.incidents ?? []).map((incident) => [incident.id, incident]));
      seq = frame.incident_seq ?? 0;
      isRewound = false;
      leftOut = frame.incidents_left_out ?? 0;
    } else if (frame.type === "incident") {
      incidents ??= new Map(state.incidents);
      put(incidents, { ...frame.incident, seq: frame.seq });
      seq = Math.max(seq ?? 0, frame.seq);
    } else if (frame.type === "heartbeat" && frame.incident_seq !== undefined) {
      isRewound = seq !== null && frame.incident_seq < seq;
      seq = Math.max(seq ?? 0, frame.incident_seq);
    }
  }
  return { seq, isRewound, leftOut, incidents: incidents === null ? state.incidents : forgetOldest(incidents) };
}

/** The state with an incident that came by REST. Does not move `seq`. */
export function mergeIncident(state: IncidentsState, incident: Incident): IncidentsState {
  const incidents = new Map(state.incidents);
  put(incidents, incident);
  return { ...state, incidents };
}

function put(incidents: Map<string, Incident>, incident: Incident): void {
  const known = incidents.get(incident.id);
  if (!known || incident.seq > known.seq) incidents.set(incident.id, incident);
}

function forgetOldest(incidents: Map<string, Incident>): Map<string, Incident> {
  const finished = [...incidents.values()].filter((incident) => !isUnfinished(incident));
  if (finished.length <= FINISHED_KEPT) return incidents;
  finished.sort((a, b) => b.seq - a.seq);
  for (const incident of finished.slice(FINISHED_KEPT)) incidents.delete(incident.id);
  return incidents;
}
