/** What people do with an incident: one question at a time, and in words what came of it. */

import { api, onceKey, Problem } from "../lib/api/client";
import type { Incident } from "../lib/api/types";
import { words } from "../lib/i18n/words.svelte";
import { live } from "../lib/live/live.svelte";
import { notices } from "../lib/ui/notices.svelte";

class IncidentWork {
  isBusy = $state(false);

  /** One act; `body` as the center's document names it. Returns the incident after it, null when it was refused. */
  act(incident: Incident, act: string, body?: object): Promise<Incident | null> {
    const key = onceKey();
    return this.once(incident, async () => {
      const after = await api.incidentAct(incident.id, act, body, key);
      live.mergeIncident(after);
      return after;
    });
  }

  change(incident: Incident, change: object): Promise<Incident | null> {
    return this.once(incident, async () => {
      const after = await api.changeIncident(incident.id, { ...change, seq: incident.seq });
      live.mergeIncident(after);
      return after;
    });
  }

  async once<T>(incident: Incident, ask: () => Promise<T>): Promise<T | null> {
    if (this.isBusy) return null;
    this.isBusy = true;
    try {
      return await ask();
    } catch (error) {
      this.#explain(incident, error);
      return null;
    } finally {
      this.isBusy = false;
    }
  }

  #explain(incident: Incident, error: unknown): void {
    const t = words.t;
    if (!(error instanceof Problem)) {
      notices.say(t.steps.failed(String(error)), true);
    } else if (error.status === 409 && error.body.steps) {
      const names = error.body.steps.map((id) => incident.steps.find((step) => step.id === id)?.text[words.language] ?? id);
      notices.say(t.incidents.openSteps(names.join("; ")), true);
    } else if (error.status === 409 && error.body.by) {
      notices.say(t.incidents.faster(error.body.by.name), true);
    } else if (error.status === 403) {
      notices.say(t.alerts.notAllowed, true);
    } else if (error.status !== 401) {
      notices.say(t.steps.failed(error.status === 0 ? t.alerts.unreachable : error.message), true);
    }
  }
}

export const work = new IncidentWork();
