/** What the center says on the websocket, and reading it without trusting it. */

import type { Alert, Incident, LiveMessage } from "../api/types";

export type Frame = LiveMessage;
export type ReportFrame = Extract<Frame, { type: "report" }>;

/** Reads one text frame; null when it is none that this dashboard knows. */
export function parseFrame(text: string): Frame | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== "object" || value === null) return null;
  const frame = value as Record<string, unknown>;
  const isNumbered = Number.isSafeInteger(frame["seq"]);
  switch (frame["type"]) {
    case "snapshot":
      return isNumbered && Array.isArray(frame["alerts"]) ? (value as Frame) : null;
    case "change":
      return isNumbered && typeof (frame["alert"] as Alert | undefined)?.id === "string" ? (value as Frame) : null;
    case "incident":
      return isNumbered && typeof (frame["incident"] as Incident | undefined)?.id === "string" ? (value as Frame) : null;
    case "heartbeat":
    case "passed":
      return isNumbered ? (value as Frame) : null;
    case "flood": {
      const { on, alerts, operators } = frame;
      const isCount = (value: unknown, least: number) => Number.isSafeInteger(value) && (value as number) >= least;
      return typeof on === "boolean" && isCount(alerts, 0) && isCount(operators, 1) ? (value as Frame) : null;
    }
    case "report":
      return typeof frame["change"] === "string" ? (value as Frame) : null;
    case "resume":
      return value as Frame;
    default:
      return null;
  }
}
