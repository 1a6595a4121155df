/** Where an alert is, in words. */

import type { Alert } from "../lib/api/types";
import type { Words } from "../lib/i18n/vi";

/** The camera's name; for an alert of a whole device, the device. */
export function whereOf(alert: Pick<Alert, "camera_name" | "camera" | "edge">, t: Words): string {
  return alert.camera_name ?? alert.camera ?? `${t.alerts.wholeEdge} ${alert.edge}`;
}
