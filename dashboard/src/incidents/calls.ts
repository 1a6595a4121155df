/** Calls to incidents: whose they are, which comes first, and when they sound. Pure. */

import { type Incident, type Me, SEVERITIES } from "../lib/api/types";
import { type Calling, type Callings, stands } from "../lib/live/calling";

/** A call that nobody answers sounds again after so long. */
export const AGAIN_MS = 10_000;

export interface Call {
  incident: Incident;
  calling: Calling;
}

/**
 * The incidents to which this person is called and which nobody has taken since: the gravest first, of these the one that has
 * waited longest. A call that names nobody means everybody who may take the incident.
 */
export function callsFor(me: Pick<Me, "id">, mayWork: boolean, incidents: ReadonlyMap<string, Incident>, callings: Callings): Call[] {
  const calls: Call[] = [];
  for (const [id, calling] of callings) {
    const incident = incidents.get(id);
    if (incident && stands(calling, incident) && isCalled(me, mayWork, calling)) calls.push({ incident, calling });
  }
  return calls.sort(
    (a, b) =>
      SEVERITIES.indexOf(a.incident.severity) - SEVERITIES.indexOf(b.incident.severity) ||
      Date.parse(a.incident.opened_at) - Date.parse(b.incident.opened_at) ||
      (a.incident.id < b.incident.id ? -1 : 1),
  );
}

/** Whether a call means this person. */
export function isCalled(me: Pick<Me, "id">, mayWork: boolean, calling: Calling): boolean {
  return calling.to.length === 0 ? mayWork : calling.to.some((person) => person.id === me.id);
}

/** Which calls there are, so that a new one and one that is repeated are told from one that goes on. */
export function callKeys(calls: readonly Call[]): string[] {
  return calls.map(({ incident, calling }) => `${incident.id} ${calling.at}`);
}

/** Sounds at once for each new call, and again as long as one stays. `after` runs something later and returns how to stop that. */
export class Ringer {
  #known: ReadonlySet<string> = new Set();
  #stop: (() => void) | null = null;

  constructor(
    private readonly sound: () => void,
    private readonly after: (ms: number, run: () => void) => () => void,
  ) {}

  /** The calls that there are now. */
  hear(keys: readonly string[]): void {
    const isNew = keys.some((key) => !this.#known.has(key));
    this.#known = new Set(keys);
    if (keys.length === 0) this.#halt();
    else if (isNew) this.#ring();
  }

  /** No call is heard any more. */
  end(): void {
    this.hear([]);
  }

  #ring(): void {
    this.#halt();
    this.sound();
    this.#stop = this.after(AGAIN_MS, () => this.#ring());
  }

  #halt(): void {
    this.#stop?.();
    this.#stop = null;
  }
}
