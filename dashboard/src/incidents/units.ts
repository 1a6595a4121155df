/** Units and how far they have come. Pure. */

import { type Dispatch, DISPATCH_STATES, type DispatchState, type Unit } from "../lib/api/dispatch";
import type { Language } from "../lib/api/types";

export const unitName = (unit: Unit, language: Language) => (language === "vi" ? unit.name_vi : unit.name_en) || unit.id;

/** Those that can be sent: on duty first, then by name. */
export function inUnitOrder(units: readonly Unit[], language: Language): Unit[] {
  return units
    .filter((unit) => !unit.disabled)
    .sort((a, b) => Number(b.on_duty) - Number(a.on_duty) || unitName(a, language).localeCompare(unitName(b, language), "vi"));
}

const OVER: readonly DispatchState[] = ["done", "refused", "recalled"];
export const isOver = (dispatch: Dispatch) => OVER.includes(dispatch.state);

/** The states that a dispatch has reached with their times, in their order. */
export function reached(dispatch: Dispatch): [DispatchState, string][] {
  return DISPATCH_STATES.flatMap((state): [DispatchState, string][] => {
    const at = dispatch.times[state];
    return at === undefined ? [] : [[state, at]];
  });
}

/** What the people of a unit can say next, the most likely first. */
export function nextAnswers(state: DispatchState): DispatchState[] {
  switch (state) {
    case "accepted":
      return ["on_scene", "done", "refused"];
    case "on_scene":
      return ["done", "refused"];
    case "done":
    case "refused":
    case "recalled":
      return [];
    default:
      return ["accepted", "refused"];
  }
}
