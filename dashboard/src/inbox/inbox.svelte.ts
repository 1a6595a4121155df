/**
 * A unit's inbox: asked for again and again, kept over a reload, answered one dispatch at a time. What is answered while
 * the center is away waits, is shown as not sent, and goes out in order when the center is back.
 */

import { api, onceKey, Problem } from "../lib/api/client";
import type { Dispatch, DispatchState, Inbox } from "../lib/api/dispatch";
import { words } from "../lib/i18n/words.svelte";
import { Poll } from "../lib/poll.svelte";
import { notices } from "../lib/ui/notices.svelte";
import { forget, keep, type Kept, keptFor } from "./kept";
import { keepUnsent, put, type Unsent, unsentOf, without } from "./unsent";

const EVERY_MS = 4000;
/** Nobody has told the center yet that a person saw it. */
const UNSEEN: readonly DispatchState[] = ["queued", "sent", "delivered", "failed"];

export class UnitInbox {
  showsOver = $state(false);
  #poll = new Poll<Inbox>(() => this.#ask(), EVERY_MS);
  /** From before the page was loaded anew. */
  #before = $state.raw<Kept | null>(null);
  #underWay = $state.raw<ReadonlySet<string>>(new Set());
  #unsent = $state.raw<readonly Unsent[]>([]);
  /** When the center first did not answer, by this machine's clock. */
  #lostAt = $state<number | null>(null);

  items = $derived(this.#poll.value?.items ?? this.#before?.inbox.items ?? null);
  /** When what is shown came from the center, by this machine's clock. */
  at = $derived(this.#poll.at ?? this.#before?.at ?? null);
  isOffline = $derived(this.#poll.problem !== null);
  /** Since when nothing came; null while all is well. */
  offlineSince = $derived(this.isOffline ? this.#lostAt : null);
  unsentCount = $derived(this.#unsent.length);

  constructor(private readonly person: string) {
    this.#before = keptFor(person);
    this.#unsent = unsentOf(person);
  }

  start(): () => void {
    const stop = this.#poll.start();
    return () => {
      stop();
      forget();
      keepUnsent(this.person, []);
    };
  }

  /** The answer to this dispatch that the center does not have yet. */
  unsentFor(id: string): Unsent | undefined {
    return this.#unsent.find((one) => one.dispatch === id);
  }

  takeBack(id: string): void {
    this.#wait(without(this.#unsent, id));
  }

  isUnderWay(id: string): boolean {
    return this.#underWay.has(id);
  }

  /** Says how far the unit is; returns whether that is settled: the center knows it, or it waits to be sent. */
  answer(dispatch: Dispatch, state: DispatchState, what: string, text = ""): Promise<boolean> {
    return this.#send({ dispatch: dispatch.id, state, text, at: Date.now(), key: onceKey() }, what);
  }

  async #send(one: Unsent, what: string): Promise<boolean> {
    if (this.isUnderWay(one.dispatch)) return false;
    this.#underWay = new Set([...this.#underWay, one.dispatch]);
    try {
      this.#put(await api.answerDispatch(one.dispatch, one.state, one.text, one.key));
      this.#wait(without(this.#unsent, one.dispatch));
      return true;
    } catch (error) {
      const status = error instanceof Problem ? error.status : 0;
      if (status === 0 || status >= 500) {
        // Nobody answered, so nobody refused: it waits, and the card says so.
        this.#wait(put(this.#unsent, one));
        return true;
      }
      this.#wait(without(this.#unsent, one.dispatch));
      const why = error instanceof Error ? error.message : String(error);
      notices.say(status === 409 ? words.t.inbox.cannot : words.t.inbox.notSent(what, why), true);
      return false;
    } finally {
      this.#underWay = new Set([...this.#underWay].filter((id) => id !== one.dispatch));
    }
  }

  /** The center is back: what waits goes out, in the order in which it was pressed. */
  async #sendWaiting(): Promise<void> {
    for (const one of this.#unsent) {
      const what = words.t.units.states[one.state];
      if (!(await this.#send(one, what))) continue;
      if (this.unsentFor(one.dispatch)) return;
      notices.say(words.t.inbox.sentLater(what));
    }
  }

  #wait(unsent: readonly Unsent[]): void {
    this.#unsent = unsent;
    keepUnsent(this.person, unsent);
  }

  /** Tells the center that a person looks at what is on the screen. */
  async markSeen(): Promise<void> {
    if (document.hidden || this.isOffline) return;
    for (const { dispatch } of this.#poll.value?.items ?? []) {
      if (!UNSEEN.includes(dispatch.state) || this.isUnderWay(dispatch.id)) continue;
      // It is tried again with the next answer of the center.
      await api.answerDispatch(dispatch.id, "read").then((seen) => this.#put(seen), () => {});
    }
  }

  async #ask(): Promise<Inbox> {
    try {
      const inbox = await api.inbox(this.showsOver);
      keep(this.person, inbox);
      this.#lostAt = null;
      // What they hold is shown as not sent until this has gone through.
      if (this.#unsent.length > 0) void this.#sendWaiting();
      return inbox;
    } catch (error) {
      this.#lostAt ??= Date.now();
      throw error;
    }
  }

  #put(dispatch: Dispatch): void {
    const inbox = this.#poll.value;
    if (!inbox) return;
    const items = inbox.items.map((item) => (item.dispatch.id === dispatch.id ? { ...item, dispatch } : item));
    this.#poll.value = { ...inbox, items };
    keep(this.person, this.#poll.value);
  }
}
