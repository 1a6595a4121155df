/** Names for the shapes of units, dispatches and the inbox, of the generated types. */

import type { components } from "./schema";

type Schemas = components["schemas"];

export type Unit = Schemas["UnitShown"];
export type UnitList = Schemas["UnitList"];
export type UnitSuggestion = Schemas["UnitSuggestion"];
export type UnitSuggestions = Schemas["UnitSuggestions"];
export type Dispatch = Schemas["Dispatch"];
export type DispatchPage = Schemas["DispatchPage"];
export type DispatchState = Schemas["DispatchState"];
export type InboxItem = Schemas["InboxItem"];
export type Inbox = Schemas["Inbox"];

/** In the order in which a dispatch goes through them. */
export const DISPATCH_STATES: readonly DispatchState[] = [
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
];
