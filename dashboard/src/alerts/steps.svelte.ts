/** The steps that people take with alerts, besides acknowledging one: one question at a time, and in words what came of it. */

import { type AlertStep, api, onceKey, Problem } from "../lib/api/client";
import type { Alert } from "../lib/api/types";
import { words } from "../lib/i18n/words.svelte";
import { live } from "../lib/live/live.svelte";
import { formatRoute } from "../lib/route";
import { notices } from "../lib/ui/notices.svelte";
import { session } from "../session/session.svelte";

/** Most alerts that the center takes in one bulk acknowledgement. */
const MOST_AT_ONCE = 500;

class AlertSteps {
  /** Alerts whose answer is awaited. */
  #underWay = $state.raw<ReadonlySet<string>>(new Set());
  isManyUnderWay = $state(false);

  isUnderWay(id: string): boolean {
    return this.#underWay.has(id);
  }

  /** Returns the alert after the step; null when it was not taken. */
  take(alert: Alert, step: AlertStep, body?: object): Promise<Alert | null> {
    return this.#once(alert.id, async () => {
      const after = await api.alertStep(alert.id, step, body);
      live.merge([after]);
      return after;
    });
  }

  /** Claims what nobody or somebody else owns, releases what is one's own. */
  claimOrRelease(alert: Alert): Promise<Alert | null> {
    return this.take(alert, alert.owner?.id === session.me?.id ? "release" : "claim");
  }

  /** Opens an incident from the alert, and goes there. */
  async openIncident(alert: Alert): Promise<void> {
    const key = onceKey();
    const incident = await this.#once(alert.id, () => api.openIncident({ alert: alert.id }, key));
    if (!incident) return;
    live.mergeIncident(incident);
    notices.say(words.t.steps.incidentOpened(incident.number));
    location.hash = formatRoute("incidents", { open: incident.id });
  }

  /** Acknowledges many; says who was faster. Returns whether the center answered for all of them. */
  async acknowledgeMany(ids: readonly string[]): Promise<boolean> {
    if (this.isManyUnderWay || ids.length === 0 || !this.#mayAct()) return false;
    const t = words.t.steps;
    this.isManyUnderWay = true;
    try {
      for (let from = 0; from < ids.length; from += MOST_AT_ONCE) {
        const answer = await api.acknowledgeMany(ids.slice(from, from + MOST_AT_ONCE));
        live.merge(answer.acknowledged);
        if (answer.acknowledged.length > 0) notices.say(t.acknowledgedMany(answer.acknowledged.length));
        if (answer.taken.length > 0) {
          const who = [...new Set(answer.taken.map((taken) => taken.acknowledged_by.name))].join(", ");
          notices.say(t.takenMany(answer.taken.length, who), true);
        }
        if (answer.unknown.length > 0) notices.say(t.unknownMany(answer.unknown.length), true);
      }
      return true;
    } catch (error) {
      this.#explain(error);
      return false;
    } finally {
      this.isManyUnderWay = false;
    }
  }

  #mayAct(): boolean {
    if (!session.mayAcknowledge) notices.say(words.t.alerts.notAllowed, true);
    return session.mayAcknowledge;
  }

  async #once<T>(id: string, ask: () => Promise<T>): Promise<T | null> {
    if (this.isUnderWay(id) || !this.#mayAct()) return null;
    this.#underWay = new Set([...this.#underWay, id]);
    try {
      return await ask();
    } catch (error) {
      this.#explain(error);
      // The websocket brings what the faster one did; asking makes it certain.
      if (error instanceof Problem && error.status === 409) {
        await api.alert(id).then((alert) => live.merge([alert]), () => {});
      }
      return null;
    } finally {
      this.#underWay = new Set([...this.#underWay].filter((other) => other !== id));
    }
  }

  #explain(error: unknown): void {
    const t = words.t.steps;
    if (error instanceof Problem && error.status === 401) return;
    if (error instanceof Problem && error.status === 409) {
      notices.say(t.faster(error.body.by?.name ?? error.body.acknowledged_by?.name ?? words.t.alerts.someone), true);
    } else if (error instanceof Problem && error.status === 403) {
      notices.say(words.t.alerts.notAllowed, true);
    } else {
      const isSilent = error instanceof Problem && error.status === 0;
      const detail = error instanceof Error ? error.message : String(error);
      notices.say(t.failed(isSilent ? words.t.alerts.unreachable : detail), true);
    }
  }
}

export const alertSteps = new AlertSteps();
