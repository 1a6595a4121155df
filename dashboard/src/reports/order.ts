/** The order of the reports, and which incidents may be theirs. Pure. */

import type { Camera, Incident } from "../lib/api/types";
import type { Area } from "../load/api";
import { isUnfinished } from "../lib/live/incidents";
import type { Report } from "./api";

export const isWaiting = (report: Report) => report.answered_at === null;
/** Nobody has looked into it yet. */
export const isNew = (report: Report) => report.state === "received";

/** Nobody knows yet in which area of the city it lies, so everybody has it and nobody in particular. */
export const isUnplaced = (report: Report) => isWaiting(report) && report.area === null && report.incident === null;

/** What nobody has looked into first, then what waits, whose time runs out first; then the rest, the newest first. */
export function inTriageOrder(reports: Iterable<Report>): Report[] {
  const rank = (report: Report) => (isNew(report) ? 0 : isWaiting(report) ? 1 : 2);
  return [...reports].sort(
    (a, b) =>
      rank(a) - rank(b) ||
      (rank(a) < 2 ? Date.parse(a.due_at) - Date.parse(b.due_at) : Date.parse(b.received_at) - Date.parse(a.received_at)) ||
      a.number.localeCompare(b.number),
  );
}

const EARTH_M = 6_371_000;

/** Metres over ground between two places (haversine formula). */
export function metresBetween(a: { lat: number; lon: number }, b: { lat: number; lon: number }): number {
  const rad = (degrees: number) => (degrees * Math.PI) / 180;
  const h =
    Math.sin(rad(b.lat - a.lat) / 2) ** 2 +
    Math.cos(rad(a.lat)) * Math.cos(rad(b.lat)) * Math.sin(rad(b.lon - a.lon) / 2) ** 2;
  return 2 * EARTH_M * Math.asin(Math.min(1, Math.sqrt(h)));
}

export interface Candidate {
  incident: Incident;
  /** Metres from the report; null when one of them has no place. */
  away: number | null;
}

/** The unfinished incidents that a report may belong to: the nearest first, those without a place last. */
export function candidates(report: Report, incidents: Iterable<Incident>): Candidate[] {
  return [...incidents]
    .filter(isUnfinished)
    .map((incident) => ({
      incident,
      away: report.place && incident.place ? metresBetween(report.place, incident.place) : null,
    }))
    .sort(
      (a, b) =>
        (a.away ?? Number.MAX_VALUE) - (b.away ?? Number.MAX_VALUE) ||
        Date.parse(b.incident.opened_at) - Date.parse(a.incident.opened_at),
    );
}

export interface AreaNear {
  area: Area;
  /** Metres from the report to the area's nearest camera; null when the report has no place or no camera of it has one. */
  away: number | null;
}

/** The areas that a report may lie in: the one whose camera is nearest first, then by name. */
export function areasNear(report: Report, areas: readonly Area[], cameras: readonly Camera[]): AreaNear[] {
  const away = (area: Area) => {
    const metres = cameras.flatMap((camera) =>
      camera.area === area.id && camera.place && report.place ? [metresBetween(report.place, camera.place)] : [],
    );
    return metres.length === 0 ? null : Math.min(...metres);
  };
  return areas
    .map((area) => ({ area, away: away(area) }))
    .sort((a, b) => (a.away ?? Number.MAX_VALUE) - (b.away ?? Number.MAX_VALUE) || a.area.name.localeCompare(b.area.name, "vi"));
}
