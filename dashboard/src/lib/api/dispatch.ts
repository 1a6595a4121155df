/**
 * The shapes of units, dispatches and the inbox, as far as the screens read them. To be replaced by names for the generated
 * types as soon as the OpenAPI document has these paths.
 */

import type { components } from "./schema";
import type { Incident } from "./types";

type Person = components["schemas"]["Person"];

export const DISPATCH_STATES = [
  "queued",
  "sent",
  "delivered",
  "read",
  "accepted",
  "on_scene",
  "done",
  "refused",
  "failed",
  "recalled",
] as const;
export type DispatchState = (typeof DISPATCH_STATES)[number];

export interface Unit {
  id: string;
  name_vi: string;
  name_en: string;
  kind: string;
  areas: string[];
  on_duty: boolean;
  disabled: boolean;
}

export interface UnitList {
  items: Unit[];
}

export interface Dispatch {
  id: string;
  incident: string;
  incident_number: string;
  unit: string;
  state: DispatchState;
  times: Partial<Record<DispatchState, string>>;
  note: string;
  answer: string;
  created_at: string;
  created_by: Person | null;
  passed_on: boolean;
}

export interface DispatchPage {
  items: Dispatch[];
  next_cursor: string | null;
}

export interface InboxItem {
  dispatch: Dispatch;
  incident: Incident;
  pictures: string[];
}

export interface Inbox {
  items: InboxItem[];
  next_cursor: string | null;
}
