/** What the center says on the websocket, and reading it without trusting it. */

import type { Alert } from "../api/types";

export type Change = "raised" | "repeated" | "cleared" | "acknowledged";

export type Frame =
  | { type: "snapshot"; seq: number; alerts: Alert[]; now: string }
  | { type: "change"; seq: number; change: Change; alert: Alert }
  | { type: "heartbeat"; seq: number; now: string }
  | { type: "resume"; after: number; reason: string };

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
    case "heartbeat":
      return isNumbered ? (value as Frame) : null;
    case "resume":
      return value as Frame;
    default:
      return null;
  }
}
