/** What the alerts ask of the operators, as the center measures it. */

import { call, queryString } from "../lib/api/client";
import type { components } from "../lib/api/schema";

export type AlarmLoad = components["schemas"]["AlarmLoad"];
export type AlertSource = components["schemas"]["AlertSource"];
export type Area = components["schemas"]["Area"];

export const loadApi = {
  alarmLoad: (query: { from?: string; operators?: number; area?: string }) =>
    call<AlarmLoad>("GET", `/api/v1/statistics/alarm-load${queryString(query)}`),
  areas: () => call<{ items: Area[] }>("GET", "/api/v1/areas"),
};
