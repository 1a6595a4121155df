/** The shapes of the control center's REST answers, as its OpenAPI document states them. Times are RFC 3339. */

export type Severity = "critical" | "high" | "medium" | "low";
/** In order of urgency. */
export const SEVERITIES: readonly Severity[] = ["critical", "high", "medium", "low"];

export const EVENT_KINDS = [
  "intrusion",
  "zone_left",
  "loitering",
  "crowd",
  "abandoned_object",
  "person_down",
  "wrong_way",
  "stopped_vehicle",
  "illegal_parking",
  "pedestrian_on_road",
  "speeding",
  "congestion",
  "queue_too_long",
  "collision_suspected",
  "smoke_or_fire",
  "camera_tampered",
  "camera_moved",
  "camera_lost",
] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

export const ROAD_USERS = ["person", "bicycle", "car", "motorcycle", "bus", "truck", "object"] as const;
export type RoadUser = (typeof ROAD_USERS)[number];

export type Language = "vi" | "en";
export type Role = "viewer" | "operator" | "supervisor" | "unit" | "admin";

export interface Me {
  id: string;
  name: string;
  full_name: string;
  role: Role;
  language: Language;
  /** The center serves plain HTTP on an address that others can reach. */
  insecure?: boolean;
}

export interface Place {
  lat: number;
  lon: number;
}

export interface Person {
  id: string;
  name: string;
}

export interface Alert {
  id: string;
  /** Number of its newest change in the alert log. */
  seq: number;
  /** One of EVENT_KINDS; a newer center may know more. */
  kind: string;
  severity: Severity;
  edge: string;
  camera: string | null;
  camera_name: string | null;
  place: Place | null;
  rule: string;
  zone: string | null;
  /** Set by the machine: the condition lasts. */
  active: boolean;
  first_at: string;
  last_at: string;
  raised_at: string;
  cleared_at: string | null;
  /** Events merged into it. */
  count: number;
  class: string | null;
  confidence: number | null;
  why: string | null;
  snapshot_url: string | null;
  /** Set by a person, independent of `active`. */
  acknowledged_at: string | null;
  acknowledged_by: Person | null;
}

export type CameraState = "online" | "lost" | "edge_offline" | "unknown";

export interface Camera {
  edge: string;
  id: string;
  name: string;
  place: Place | null;
  state: CameraState;
  fps_in: number | null;
  fps_analysed: number | null;
  detector: string | null;
  width_px: number | null;
  height_px: number | null;
  error: string | null;
  picture_at: string | null;
  picture_url: string | null;
  health_at: string | null;
  active_alerts: number;
}

export const LANES = ["events", "health", "observations", "tracks"] as const;
export type Lane = (typeof LANES)[number];

export interface Edge {
  id: string;
  name: string;
  online: boolean;
  last_seen: string | null;
  version: string | null;
  config_version: number;
  config_running: number | null;
  config_error: string | null;
  outbox_depth: Record<string, number> | null;
  dead_letters: number;
  disk_free_bytes: number | null;
  temperature_c: number | null;
  clock_skew_ms: number | null;
}

export interface Loss {
  from: number;
  to: number;
  count: number;
  reason: string;
  declared_at: string;
}

export interface LedgerLine {
  edge: string;
  outbox: string;
  lane: string;
  /** All numbers up to this one are settled. */
  upto: number;
  highest: number;
  received: number;
  /** Numbers below `highest` that have not arrived yet, as [first, last]. */
  pending: [number, number][];
  pending_count: number;
  lost: number;
  losses: Loss[];
  dead: number;
  duplicates: number;
  acked_before: number;
  updated_at: string;
}

export interface Items<T> {
  items: T[];
}

export interface Page<T> extends Items<T> {
  next_cursor: string | null;
}

/** RFC 9457 problem details. */
export interface ProblemBody {
  type?: string;
  title?: string;
  status?: number;
  detail?: string;
  acknowledged_by?: Person;
  acknowledged_at?: string;
}

/** What /readyz says of each part: "ok", or the trouble in words. */
export interface Readiness {
  ready: boolean;
  troubled: string[];
}
