/** Steps with an alert that need words: what is asked, and what the center is told. Pure. */

import type { AlertStep } from "../lib/api/client";
import type { Verdict } from "../lib/api/types";

/** Steps that ask something first. */
export type AskedStep = Extract<AlertStep, "shelve" | "dismiss" | "forward">;

/** How long an alert may be shelved, minutes. */
export const SHELVE_MIN = ["15", "60", "480", "custom"] as const;
export type ShelveTime = (typeof SHELVE_MIN)[number];
/** The center brings everything back after a day. */
const LONGEST_SHELF_MS = 24 * 3600 * 1000;
/** Viet Nam has one zone and no summer time. */
const ZONE = "+07:00";

/** Reasons that explain each verdict; the codes feed the rates of false alarms. */
export const VERDICT_REASONS: Record<Verdict, readonly string[]> = {
  true: ["unit_sent", "watched", "handled_on_site", "other"],
  false: ["shadow", "light", "weather", "animal", "reflection", "wrong_object", "allowed", "other"],
  test: ["drill", "maintenance", "other"],
};

/** Until when; null when the time is missing, past or too far. `custom` is what a field for local times holds. */
export function shelveUntil(time: ShelveTime, custom: string, now: number): string | null {
  const until = time === "custom" ? Date.parse(`${custom}${ZONE}`) : now + Number(time) * 60_000;
  return Number.isFinite(until) && until > now && until <= now + LONGEST_SHELF_MS ? new Date(until).toISOString() : null;
}
