/** People, machines' tokens and devices' credentials, as the center answers them. */

import { call, queryString } from "../lib/api/client";
import type { components } from "../lib/api/schema";

type Schemas = components["schemas"];
export type User = Schemas["UserView"];
export type UserPage = Schemas["UserPage"];
export type UserNew = Schemas["UserNew"];
export type UserChange = Schemas["UserChange"];
export type Token = Schemas["TokenView"];
export type TokenNew = Schemas["TokenNew"];
export type ClaimCode = Schemas["ClaimCode"];
export type UnitKind = Schemas["UnitKind"];
export type UnitPut = Schemas["PutUnit"];
export type AuditRow = Schemas["AuditRow"];
export type AuditPage = Schemas["AuditPage"];
export type AuditCheck = Schemas["AuditCheck"];

const one = (kind: "users" | "tokens" | "edges" | "units", id: string) => `/api/v1/${kind}/${encodeURIComponent(id)}`;

export const peopleApi = {
  users: (cursor?: string) => call<UserPage>("GET", `/api/v1/users${queryString({ cursor, limit: 200 })}`),
  addUser: (user: UserNew) => call<Schemas["UserAdded"]>("POST", "/api/v1/users", user),
  changeUser: (id: string, change: UserChange) => call<User>("PATCH", one("users", id), change),
  endSessions: (id: string) => call<void>("DELETE", `${one("users", id)}/sessions`),
  tokens: () => call<{ items: Token[] }>("GET", "/api/v1/tokens"),
  makeToken: (token: TokenNew) => call<Schemas["TokenMade"]>("POST", "/api/v1/tokens", token),
  revokeToken: (id: string) => call<void>("DELETE", one("tokens", id)),
  claimCode: (edge: string) => call<ClaimCode>("POST", `${one("edges", edge)}/claim-codes`),
  revokeEdge: (edge: string) => call<void>("DELETE", `${one("edges", edge)}/credential`),
  putUnit: (id: string, unit: UnitPut) => call<Schemas["UnitShown"]>("PUT", one("units", id), unit),
  audit: (query: { actor?: string; action?: string; subject?: string; from?: string; to?: string; cursor?: string; limit?: number }) =>
    call<AuditPage>("GET", `/api/v1/audit${queryString(query)}`),
  auditCheck: () => call<AuditCheck>("GET", "/api/v1/audit/verification"),
};

export const ROLES: readonly Schemas["Role"][] = ["viewer", "operator", "supervisor", "unit", "admin"];
export const UNIT_KINDS: readonly UnitKind[] = ["police", "health", "fire", "rescue", "ward", "other"];
