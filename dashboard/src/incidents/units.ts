/** Units and how far they have come. Pure. */

import { type Dispatch, DISPATCH_STATES, type DispatchState, type Unit, type UnitSuggestion } from "../lib/api/dispatch";
import type { Language } from "../lib/api/types";

export const unitName = (unit: Unit, language: Language) => (language === "vi" ? unit.name_vi : unit.name_en) || unit.id;

/** Why a unit stands where it does among those that could be sent: the keys of words, and until when it stays on or off duty. */
export function standing(one: UnitSuggestion): { marks: ("hasIt" | "outOfArea" | "onDuty" | "offDuty")[]; until: string | null } {
  const marks = [one.unit.on_duty ? ("onDuty" as const) : ("offDuty" as const)];
  const outOfArea = one.serves_area === false ? ["outOfArea" as const] : [];
  return { marks: [...marks, ...outOfArea, ...(one.has_it ? ["hasIt" as const] : [])], until: one.duty_until ?? null };
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
