/** What may be said of a camera's newest picture. Pure. */

import { type Alert, type Camera, SEVERITIES, type Severity } from "../lib/api/types";
import { ageMs } from "../lib/format";

/** A still older than this is never shown as the current view. */
export const OLD_AFTER_MS = 5000;

export type PictureWord = { kind: "none" } | { kind: "fresh"; ageMs: number } | { kind: "old"; ageMs: number };

/** Of the picture taken at `takenAt`, as of `now`, both by the center's clock. */
export function pictureWord(takenAt: string | null, now: number): PictureWord {
  const age = ageMs(takenAt, now);
  if (age === null) return { kind: "none" };
  return { kind: age > OLD_AFTER_MS ? "old" : "fresh", ageMs: age };
}

/** By name, whatever their state: operators know where a camera is on the wall. */
export function inGridOrder(cameras: readonly Camera[]): Camera[] {
  const key = (camera: Camera) => `${camera.edge}/${camera.id}`;
  return [...cameras].sort((a, b) => a.name.localeCompare(b.name, "vi") || (key(a) < key(b) ? -1 : 1));
}

/** Whether an operator who looks for trouble wants to see it. */
export function isTroubled(camera: Camera): boolean {
  return camera.state !== "online" || camera.active_alerts > 0;
}

/** The address of the picture taken at that time; another time is another address, so no cache can answer with an old one. */
export function pictureAddress(camera: Pick<Camera, "picture_url" | "picture_at">): string | null {
  if (camera.picture_url === null || camera.picture_at === null) return null;
  const joint = camera.picture_url.includes("?") ? "&" : "?";
  return `${camera.picture_url}${joint}at=${encodeURIComponent(camera.picture_at)}`;
}

/** The most urgent of what goes on at each camera, by `edge/camera`; what the policy mutes counts for nothing. */
export function worstByCamera(alerts: Iterable<Alert>): ReadonlyMap<string, Severity> {
  const worst = new Map<string, Severity>();
  for (const { edge, camera, active, muted, severity } of alerts) {
    if (camera === null || !active || muted !== null) continue;
    const key = `${edge}/${camera}`;
    const before = worst.get(key);
    if (before === undefined || SEVERITIES.indexOf(severity) < SEVERITIES.indexOf(before)) worst.set(key, severity);
  }
  return worst;
}
