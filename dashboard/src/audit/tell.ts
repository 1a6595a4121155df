/** What an audit row says was done, in words. Pure. */

import type { Words } from "../lib/i18n/vi";

const lookUp = (table: Readonly<Record<string, string>>, key: string): string | undefined =>
  Object.hasOwn(table, key) ? table[key] : undefined;

/** An act in words; nothing when this dashboard has none for it. Changes of incidents and dispatches are named as where they are worked. */
export function actionText(action: string, t: Words): string | undefined {
  const own = lookUp(t.audit.actions, action);
  if (own !== undefined) return own;
  const [of = "", change = ""] = action.split(".", 2);
  if (of === "incident") {
    const text = lookUp(t.incidents.changes, change);
    return text && t.audit.ofIncident(text);
  }
  if (of === "dispatch") {
    const text = lookUp(t.units.states, change);
    return text && t.audit.ofDispatch(text);
  }
  return undefined;
}
