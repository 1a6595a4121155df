/**
 * Whether alerts come faster than the operators can work them, as a pure function of the frames that came. The center tells
 * it when it changes, and within seconds after a start when it lasts; what was told before a new start holds until then.
 */

import type { Frame } from "./frames";

export type Flood = Extract<Frame, { type: "flood" }>;

export interface FloodState {
  /** What was told last; null when that was an end, or nothing. */
  readonly told: Flood | null;
  /** By when it must be told again to hold, by this machine's clock; null when it is of this connection. */
  readonly confirmBy: number | null;
}

export const NO_FLOOD: FloodState = { told: null, confirmBy: null };

/** The center looks every 2 s. */
export const CONFIRM_MS = 8_000;

export function reduceFlood(state: FloodState, frames: readonly Frame[]): FloodState {
  const last = frames.findLast((frame) => frame.type === "flood");
  return last ? { told: last.on ? last : null, confirmBy: null } : state;
}

/** After a new connection, which is told of a flood that lasts and not of one that ended meanwhile. */
export function reconnected(state: FloodState, now: number): FloodState {
  return state.told ? { ...state, confirmBy: now + CONFIRM_MS } : state;
}

/** The flood as far as it is known at `now`. */
export function floodAt({ told, confirmBy }: FloodState, now: number): Flood | null {
  return confirmBy !== null && now > confirmBy ? null : told;
}
