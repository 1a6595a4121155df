/** Names for the shapes of the API, which `npm run types` makes from the center's OpenAPI document. Times are RFC 3339. */

import type { components } from "./schema";

type Schemas = components["schemas"];

export type Me = Schemas["Me"];
export type SignInWays = Schemas["SignInWays"];
export type SignedOut = Schemas["SignedOut"];
export type Role = Schemas["Role"];
export type Language = Schemas["Language"];
export type Alert = Schemas["Alert"];
export type Severity = Schemas["Severity"];
export type Change = Schemas["Change"];
export type LiveMessage = Schemas["LiveMessage"];
export type Verdict = Schemas["Verdict"];
export type AcknowledgedAlerts = Schemas["AcknowledgedAlerts"];
export type AlertLog = Schemas["AlertLog"];
export type Incident = Schemas["Incident"];
export type IncidentPage = Schemas["IncidentPage"];
export type IncidentView = Schemas["IncidentView"];
export type IncidentEntry = Schemas["IncidentEntry"];
export type IncidentClock = Schemas["IncidentClock"];
export type IncidentStep = Schemas["IncidentStep"];
export type IncidentSource = Schemas["IncidentSource"];
export type ClosingCode = Schemas["ClosingCode"];
export type OpenIncident = Schemas["OpenIncident"];
export type Procedures = Schemas["Procedures"];
export type Camera = Schemas["Camera"];
export type Edge = Schemas["Edge"];
export type LedgerLine = Schemas["LedgerItem"];
export type AlertPage = Schemas["AlertPage"];
export type CameraList = Schemas["CameraList"];
export type EdgeList = Schemas["EdgeList"];
export type Ledger = Schemas["Ledger"];
export type Readiness = Schemas["Readiness"];
/** RFC 9457 problem details; whatever stands between may answer with less. */
export type ProblemBody = Partial<Schemas["Problem"]>;

/** In order of urgency. */
export const SEVERITIES: readonly Severity[] = ["critical", "high", "medium", "low"];

/** The kinds of events that have a name here; `Alert.kind` may hold others. */
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

/** In the order in which an edge drains them. */
export const LANES = ["events", "health", "observations", "tracks"] as const;
