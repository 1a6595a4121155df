/** Areas in words. */

import type { Words } from "../lib/i18n/vi";
import { names } from "../policy/names.svelte";

/** The names of areas by their ids; `*` is the whole city. */
export function areaNames(areas: readonly string[], t: Words): string {
  if (areas.includes("*")) return t.desk.wholeCity;
  return areas.length === 0 ? t.people.nowhere : areas.map((id) => names.areas.get(id) ?? id).join(", ");
}
