/** The thin client of the REST API: one function per call that the screens make, one error type. */

import type { Dispatch, DispatchPage, DispatchState, Inbox, UnitList, UnitSuggestions } from "./dispatch";
import type {
  AcknowledgedAlerts,
  Alert,
  AlertLog,
  AlertPage,
  CameraList,
  EdgeList,
  Incident,
  IncidentPage,
  IncidentView,
  Language,
  Ledger,
  Me,
  OpenIncident,
  ProblemBody,
  Procedures,
  Readiness,
  Severity,
  SignedOut,
  SignInWays,
} from "./types";

/** An answer that is not a success. `status` 0 means that no answer came. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly body: ProblemBody,
    /** Seconds after which the center wants to be asked again, if it said so. */
    readonly retryAfterS: number | null,
  ) {
    super(body.detail ?? body.title ?? `HTTP ${status}`);
  }
}

/** Called on each answer 401 outside sign-in; the session sets it. */
let onSignedOut: () => void = () => {};
export function whenSignedOut(then: () => void): void {
  onSignedOut = then;
}

/** Called whenever the center answered at all, with the time of the answer. */
let onContact: () => void = () => {};
export function whenContact(then: () => void): void {
  onContact = then;
}

const TIMEOUT_MS = 10_000;

/** One call; `onceKey` makes a repeated write be done once. */
export async function call<T>(method: string, path: string, body?: unknown, onceKey?: string): Promise<T> {
  const request: RequestInit = {
    method,
    credentials: "same-origin",
    cache: "no-store",
    headers: { accept: "application/json" },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  };
  if (body !== undefined) {
    request.headers = { ...request.headers, "content-type": "application/json" };
    request.body = JSON.stringify(body);
  }
  if (onceKey !== undefined) request.headers = { ...request.headers, "idempotency-key": onceKey };
  let response: Response;
  try {
    response = await fetch(path, request);
  } catch (error) {
    throw new Problem(0, { detail: String(error) }, null);
  }
  onContact();
  if (response.ok) return (response.status === 204 ? undefined : await response.json()) as T;
  if (response.status === 401 && path !== "/api/v1/session") onSignedOut();
  throw new Problem(response.status, await problemBody(response), retryAfter(response));
}

async function problemBody(response: Response): Promise<ProblemBody> {
  try {
    return (await response.json()) as ProblemBody;
  } catch {
    return { status: response.status };
  }
}

function retryAfter(response: Response): number | null {
  const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
  return Number.isFinite(seconds) ? seconds : null;
}

export interface AlertQuery {
  state?: "open" | "acknowledged" | "shelved" | "all";
  severity?: Severity;
  edge?: string;
  camera?: string;
  /** Raised before. */
  to?: string;
  cursor?: string;
  limit?: number;
}

/** A key that names one wish: sent again after a lost answer, it is done once. */
export function onceKey(): string {
  // randomUUID is missing where the page came over plain HTTP.
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export type AlertStep = "claim" | "release" | "forward" | "shelve" | "unshelve" | "dismiss";

/** What is neither undefined nor empty, as a query. */
export function queryString(query: object): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== "");
  return given.length === 0 ? "" : `?${new URLSearchParams(given.map(([k, v]) => [k, String(v)]))}`;
}

/** /readyz answers in the same shape whether the center is ready (200) or not (503). */
async function readiness(): Promise<Readiness> {
  try {
    return await call<Readiness>("GET", "/readyz");
  } catch (error) {
    if (error instanceof Problem && isReadiness(error.body)) return error.body;
    throw error;
  }
}

function isReadiness(body: unknown): body is Readiness {
  return typeof body === "object" && body !== null && "parts" in body && "ready" in body;
}

/** The parts that are not ready. */
export function downParts(readiness: Readiness): string[] {
  return Object.entries(readiness.parts)
    .filter(([, word]) => word !== "ready")
    .map(([name]) => name);
}

/** Reads a list to its end, page after page. */
async function whole<T extends { items: unknown[]; next_cursor: string | null }>(path: string): Promise<T> {
  const page = await call<T>("GET", path);
  let next = page.next_cursor;
  while (next) {
    const more = await call<T>("GET", `${path}${queryString({ cursor: next })}`);
    page.items.push(...more.items);
    next = more.next_cursor;
  }
  return page;
}

export const api = {
  signIn: (name: string, password: string) => call<Me>("POST", "/api/v1/session", { name, password }),
  /** Answers where to be signed out as well, if anywhere. */
  signOut: () => call<SignedOut | undefined>("DELETE", "/api/v1/session"),
  signInWays: () => call<SignInWays>("GET", "/api/v1/session/ways"),
  me: () => call<Me>("GET", "/api/v1/me"),
  setLanguage: (language: Language) => call<Me>("PATCH", "/api/v1/me", { language }),
  cameras: () => whole<CameraList>("/api/v1/cameras"),
  edges: () => whole<EdgeList>("/api/v1/edges"),
  ledger: () => whole<Ledger>("/api/v1/ledger"),
  alerts: (query: AlertQuery) => call<AlertPage>("GET", `/api/v1/alerts${queryString(query)}`),
  alert: (id: string) => call<Alert>("GET", `/api/v1/alerts/${encodeURIComponent(id)}`),
  acknowledgeMany: (ids: readonly string[]) => call<AcknowledgedAlerts>("POST", "/api/v1/alerts/acknowledge", { ids }),
  alertStep: (id: string, step: AlertStep, body?: object) =>
    call<Alert>("POST", `/api/v1/alerts/${encodeURIComponent(id)}/${step}`, body),
  alertLog: (id: string) => call<AlertLog>("GET", `/api/v1/alerts/${encodeURIComponent(id)}/log`),
  openIncident: (what: OpenIncident, key: string) => call<Incident>("POST", "/api/v1/incidents", what, key),
  incident: (id: string) => call<IncidentView>("GET", `/api/v1/incidents/${encodeURIComponent(id)}`),
  incidents: (query: { state?: string; cursor?: string; limit?: number }) =>
    call<IncidentPage>("GET", `/api/v1/incidents${queryString(query)}`),
  changeIncident: (id: string, change: object) =>
    call<Incident>("PATCH", `/api/v1/incidents/${encodeURIComponent(id)}`, change),
  incidentAct: (id: string, act: string, body: object | undefined, key: string) =>
    call<Incident>("POST", `/api/v1/incidents/${encodeURIComponent(id)}/${act}`, body, key),
  procedures: () => call<Procedures>("GET", "/api/v1/procedures"),
  units: () => whole<UnitList>("/api/v1/units"),
  dispatches: (query: { limit?: number }) => call<DispatchPage>("GET", `/api/v1/dispatches${queryString(query)}`),
  dispatchesOf: (incident: string) => call<DispatchPage>("GET", `/api/v1/dispatches${queryString({ incident })}`),
  unitsFor: (incident: string) => call<UnitSuggestions>("GET", `/api/v1/incidents/${encodeURIComponent(incident)}/units`),
  sendUnit: (wish: { incident: string; unit: string; note: string; despite?: string }, key: string) =>
    call<Dispatch>("POST", "/api/v1/dispatches", wish, key),
  moveDispatch: (id: string, state: DispatchState, answer?: string) =>
    call<Dispatch>("POST", `/api/v1/dispatches/${encodeURIComponent(id)}/state`, { state, ...(answer ? { answer } : {}) }),
  inbox: (all: boolean) => call<Inbox>("GET", `/api/v1/inbox${all ? "?all=true" : ""}`),
  answerDispatch: (id: string, state: DispatchState, answer?: string, key?: string) =>
    call<Dispatch>("POST", `/api/v1/inbox/${encodeURIComponent(id)}/state`, { state, ...(answer ? { answer } : {}) }, key),
  acknowledge: (id: string) => call<Alert>("POST", `/api/v1/alerts/${encodeURIComponent(id)}/acknowledge`),
  readiness,
};
