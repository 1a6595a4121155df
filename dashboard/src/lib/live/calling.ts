/**
 * Who is called to incidents, as a pure function of what their log says: a call stands until it is answered. The center's
 * rows of incidents do not name the people, its log does, and the live frames are rows of the log.
 */

import type { Incident, IncidentClock, IncidentEntry } from "../api/types";
import type { Frame } from "./frames";
import { isUnfinished } from "./incidents";

export interface Calling {
  /** When, for the last time. */
  readonly at: string;
  /** The clock that ran out; null: no unit answers. */
  readonly clock: IncidentClock["kind"] | null;
  /** The unit that was the last to be asked; null: it is a clock. */
  readonly unit: string | null;
  /** Nobody: there is none whom the procedure names, so everybody who may take the incident is meant. */
  readonly to: readonly { id: string; name: string }[];
}
export type Callings = ReadonlyMap<string, Calling>;
export const NO_CALLS: Callings = new Map();

/** Whether a clock has called and nobody answered. */
export const isClockCalling = (clock: IncidentClock) => clock.calls > 0 && clock.met_at === null && clock.taken_at === null;

/** Whether the call still stands for the incident as it is now. */
export function stands(calling: Calling, incident: Incident): boolean {
  if (!isUnfinished(incident)) return false;
  return calling.clock === null || incident.clocks.some((clock) => clock.kind === calling.clock && isClockCalling(clock));
}

type Row = Pick<IncidentEntry, "at" | "change" | "detail"> & { actor?: IncidentEntry["actor"] };

/** The call after one more row of the log; null when there is none, or it was answered. */
export function after(calling: Calling | null, row: Row): Calling | null {
  const detail = row.detail as Record<string, unknown>;
  if (row.change === "escalated") {
    const clock = typeof detail["clock"] === "string" ? (detail["clock"] as Calling["clock"]) : null;
    const unit = typeof detail["unit"] === "string" ? detail["unit"] : null;
    return { at: row.at, clock, unit, to: peopleOf(detail["to"]) };
  }
  // Whether a clock still calls, the incident itself says.
  if (calling === null || calling.clock !== null) return calling;
  const by = row.actor?.id;
  const isOfTheCalled = by !== undefined && calling.to.some((person) => person.id === by);
  switch (row.change) {
    case "taken":
    case "on_scene":
      return null;
    case "dispatch": {
      const state = detail["state"];
      const isSentByAPerson = state === "queued" && by !== undefined;
      return state === "accepted" || state === "on_scene" || isSentByAPerson ? null : calling;
    }
    default:
      // Whatever one of the called does with it shows that they have heard.
      return isOfTheCalled ? null : calling;
  }
}

function peopleOf(value: unknown): Calling["to"] {
  if (!Array.isArray(value)) return [];
  return value.filter((one): one is { id: string; name: string } => typeof one?.id === "string" && typeof one?.name === "string");
}

/** The call of an incident from its whole log, the oldest row first. */
export function callingOf(incident: Incident, log: readonly Row[]): Calling | null {
  const calling = log.reduce<Calling | null>(after, null);
  return calling !== null && stands(calling, incident) ? calling : null;
}

/** The calls after `frames`, which came in this order. A snapshot keeps those that still stand. */
export function reduceCalls(calls: Callings, frames: readonly Frame[]): Callings {
  const next = new Map(calls);
  for (const frame of frames) {
    if (frame.type === "incident") {
      const calling = after(next.get(frame.incident.id) ?? null, frame);
      if (calling !== null && stands(calling, frame.incident)) next.set(frame.incident.id, calling);
      else next.delete(frame.incident.id);
    } else if (frame.type === "snapshot") {
      const incidents = new Map((frame.incidents ?? []).map((incident) => [incident.id, incident]));
      for (const [id, calling] of next) {
        const incident = incidents.get(id);
        if (incident === undefined || !stands(calling, incident)) next.delete(id);
      }
    }
  }
  return next;
}

/** Incidents of which it is to be asked whom they call: a clock of theirs calls, or one of `unanswered` was given up. */
export function toAsk(calls: Callings, incidents: Iterable<Incident>, unanswered: ReadonlySet<string>): string[] {
  return [...incidents]
    .filter((incident) => isUnfinished(incident) && !calls.has(incident.id))
    .filter((incident) => incident.clocks.some(isClockCalling) || unanswered.has(incident.id))
    .map((incident) => incident.id);
}
