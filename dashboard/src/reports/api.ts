/** Citizens' reports, as the center answers them. */

import { call, queryString } from "../lib/api/client";
import type { components } from "../lib/api/schema";

export type Report = components["schemas"]["Report"];
export type ReportPage = components["schemas"]["ReportPage"];
export type ReportState = components["schemas"]["ReportState"];

const path = (number: string, act: string) => `/api/v1/reports/${encodeURIComponent(number)}/${act}`;

export const reportsApi = {
  list: (query: { unanswered?: boolean; cursor?: string; limit?: number }) =>
    call<ReportPage>("GET", `/api/v1/reports${queryString(query)}`),
  /** Without an incident: into the one that it belongs to by kind, place and time, or into a new one. */
  link: (number: string, incident: string | undefined, key: string) =>
    call<Report>("POST", path(number, "link"), incident === undefined ? {} : { incident }, key),
  answer: (number: string, text: string, key: string) => call<Report>("POST", path(number, "answer"), { text }, key),
  /** Where it lies: any area of the city. */
  place: (number: string, area: string, key: string) => call<Report>("POST", path(number, "area"), { area }, key),
  /** All areas of the city, as its form offers them to citizens. */
  areas: async () => (await call<components["schemas"]["ReportForm"]>("GET", "/api/v1/reports/form")).areas,
  reject: (number: string, reason: string, key: string) => call<Report>("POST", path(number, "reject"), { reason }, key),
};
