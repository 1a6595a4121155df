/** The alert policy, its trials, silences and proposals, as the center answers them. */

import { call, queryString } from "../lib/api/client";
import type { components } from "../lib/api/schema";

type Schemas = components["schemas"];
// What has a default may be left out of a policy, though the generated types of answers say that it is there.
export type Matcher = Partial<Schemas["Matcher"]>;
export type Grouping = Schemas["Grouping"];
export type PolicyRule = Partial<Omit<Schemas["PolicyRule"], "when">> & { when?: Matcher };
export type Inhibit = Schemas["Inhibit"];
export type Maintenance = Omit<Schemas["Maintenance"], "when"> & { when?: Matcher };
export type PolicyBody = Partial<Omit<Schemas["PolicyBody"], "rule" | "maintenance">> & { rule?: PolicyRule[]; maintenance?: Maintenance[] };
export type PolicyVersion = Omit<Schemas["PolicyVersion"], "body"> & { body: PolicyBody };
export type PolicyList = Omit<Schemas["PolicyList"], "items"> & { items: PolicyVersion[] };
export type Silence = Omit<Schemas["SilenceRow"], "match"> & { match: Matcher };
export type Backtest = Schemas["BacktestStatus"];
export type Tally = Schemas["Tally"];
export type PolicyProposal = Omit<Schemas["PolicyProposal"], "proposal"> & {
  proposal: Omit<Schemas["Proposal"], "policy"> & { policy: PolicyBody };
};
export type RulePrecision = Schemas["RulePrecision"];
export type Share = Schemas["Share"];

/** Days and hours of a matcher: the document has them as objects without names. */
export interface Hours {
  days?: string[];
  from: string;
  to: string;
}

export const policyApi = {
  versions: (cursor?: string) => call<PolicyList>("GET", `/api/v1/policies${queryString({ cursor, limit: 50 })}`),
  add: (wish: { body: PolicyBody; note: string; activate: boolean }, key: string) =>
    call<PolicyVersion>("POST", "/api/v1/policies", wish, key),
  activate: (version: number, key: string) => call<PolicyVersion>("POST", `/api/v1/policies/${version}/activate`, undefined, key),
  tryFirst: (policy: PolicyBody, days: number, key: string) =>
    call<Backtest>("POST", "/api/v1/policies/backtest", { policy, days }, key),
  trial: (id: string) => call<Backtest>("GET", `/api/v1/backtests/${encodeURIComponent(id)}`),
  proposals: (from: string) => call<{ items: PolicyProposal[] }>("GET", `/api/v1/policies/proposals${queryString({ from })}`),
  precision: (from: string) => call<{ items: RulePrecision[] }>("GET", `/api/v1/statistics/precision${queryString({ from })}`),
  silences: (all: boolean) => call<{ items: Silence[] }>("GET", `/api/v1/silences${all ? "?all=true" : ""}`),
  silence: (wish: { match: Matcher; from?: string; until: string; reason: string }, key: string) =>
    call<Silence>("POST", "/api/v1/silences", wish, key),
  endSilence: (id: string) => call<Silence>("DELETE", `/api/v1/silences/${encodeURIComponent(id)}`),
};
