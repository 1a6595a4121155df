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

/** Reasons that explain each verdict; the codes feed the rates of false alarms. */
export const VERDICT_REASONS: Record<Verdict, readonly string[]> = {
  true: ["unit_sent", "watched", "handled_on_site", "other"],
  false: ["shadow", "light", "weather", "animal", "reflection", "wrong_object", "allowed", "other"],
  test: ["drill", "maintenance", "other"],
};

/** Until when; null when the time is missing, no time or too long. `custom` is in minutes. */
export function shelveUntil(time: ShelveTime, custom: number | null, now: number): string | null {
  const forMs = (time === "custom" ? (custom ?? 0) : Number(time)) * 60_000;
  return forMs > 0 && forMs <= LONGEST_SHELF_MS ? new Date(now + forMs).toISOString() : null;
}
