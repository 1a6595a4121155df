/** Acknowledging: one question at a time for each alert, and in words what came of it. */

import { api, Problem } from "../lib/api/client";
import type { Alert } from "../lib/api/types";
import { words } from "../lib/i18n/words.svelte";
import { live } from "../lib/live/live.svelte";
import { notices } from "../lib/ui/notices.svelte";
import { session } from "../session/session.svelte";

class Acknowledging {
  /** Alerts whose answer is awaited. */
  #underWay = $state.raw<ReadonlySet<string>>(new Set());

  isUnderWay(id: string): boolean {
    return this.#underWay.has(id);
  }

  /** Returns whether the alert is acknowledged now, by whomever. */
  async acknowledge(alert: Alert): Promise<boolean> {
    const t = words.t.alerts;
    if (alert.acknowledged_at !== null) return true;
    if (this.isUnderWay(alert.id)) return false;
    if (!session.mayAcknowledge) {
      notices.say(t.notAllowed, true);
      return false;
    }
    this.#underWay = new Set([...this.#underWay, alert.id]);
    try {
      live.merge([await api.acknowledge(alert.id)]);
      return true;
    } catch (error) {
      return await this.#explain(alert.id, error);
    } finally {
      this.#underWay = new Set([...this.#underWay].filter((id) => id !== alert.id));
    }
  }

  async #explain(id: string, error: unknown): Promise<boolean> {
    const t = words.t.alerts;
    if (error instanceof Problem && error.status === 409) {
      notices.say(t.takenBy(error.body.acknowledged_by?.name ?? t.someone), true);
      // The websocket brings it too; asking makes it certain.
      await api.alert(id).then(
        (alert) => live.merge([alert]),
        () => {},
      );
      return true;
    }
    const isSilent = error instanceof Problem && error.status === 0;
    const isForbidden = error instanceof Problem && error.status === 403;
    const detail = isSilent ? t.unreachable : error instanceof Error ? error.message : String(error);
    if (!(error instanceof Problem && error.status === 401)) {
      notices.say(isForbidden ? t.notAllowed : t.failed(detail), true);
    }
    return false;
  }
}

export const acknowledging = new Acknowledging();
