/** Acts with an incident that ask something first. */

import type { Dispatch } from "../lib/api/dispatch";
import type { IncidentStep } from "../lib/api/types";

export type Ask =
  | { act: "resolve" | "reopen" | "merge" | "split" }
  | { act: "skip"; step: IncidentStep }
  | { act: "recall"; dispatch: Dispatch };
