/** Somebody who calls the center's API beside the browser: what a test needs to be there, without clicking it together. */

import { randomUUID } from "node:crypto";
import type { Account } from "./center";
import { until } from "./until";

export class Caller {
  private constructor(
    private readonly url: string,
    private readonly cookie: string,
  ) {}

  static async signIn(url: string, { name, password }: Account): Promise<Caller> {
    const response = await fetch(`${url}/api/v1/session`, {
      method: "POST",
      headers: { "content-type": "application/json", origin: url },
      body: JSON.stringify({ name, password }),
    });
    if (!response.ok) throw new Error(`sign in as ${name}: ${response.status} ${await response.text()}`);
    const cookie = response.headers.getSetCookie().map((line) => line.split(";")[0]).join("; ");
    return new Caller(url, cookie);
  }

  async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(this.url + path, {
      method,
      headers: {
        cookie: this.cookie,
        origin: this.url,
        ...(method === "POST" ? { "idempotency-key": randomUUID() } : {}),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return (response.status === 204 ? undefined : await response.json()) as T;
  }

  /** Somebody who sees some areas only. */
  async person(name: string, role: string, areas: string[]): Promise<Account> {
    const password = `mot mat khau dai ${randomUUID()}`;
    await this.call("POST", "/api/v1/users", { name, full_name: "", role, areas, password });
    return { name, password };
  }

  unit(id: string, more: object): Promise<unknown> {
    const channels = [{ kind: "inbox" }];
    return this.call("PUT", `/api/v1/units/${id}`, { kind: "police", areas: ["*"], channels, ...more });
  }

  incident(title: string): Promise<{ id: string; number: string }> {
    return this.call("POST", "/api/v1/incidents", { kind: "other", title, place: { lat: 20.4463, lon: 106.3366 } });
  }

  send(incident: string, unit: string, note: string): Promise<{ id: string }> {
    return this.call("POST", "/api/v1/dispatches", { incident, unit, note });
  }

  policy(note: string, body: object, activate = true): Promise<{ version: number }> {
    return this.call("POST", "/api/v1/policies", { note, body, activate });
  }

  silence(match: object, reason: string): Promise<unknown> {
    const until = new Date(Date.now() + 3_600_000).toISOString();
    return this.call("POST", "/api/v1/silences", { match, reason, until });
  }
}

/** A citizen's report. The form may not be sent faster than a person fills it in, so it is tried until it is taken. */
export async function fileReport(
  url: string,
  what: { text: string; place?: string; contact?: string; picture?: Buffer; kind?: string; isOffTheMap?: boolean },
): Promise<{ number: string; key: string }> {
  const { begun } = (await (await fetch(`${url}/api/v1/reports/form`)).json()) as { begun: string };
  return until(
    "the report is taken",
    async () => {
      const form = new FormData();
      const fields = { begun, kind: what.kind ?? "other", text: what.text, place: what.place ?? "", contact: what.contact ?? "", consent: "yes" };
      for (const [name, value] of Object.entries(fields)) form.append(name, value);
      if (!what.isOffTheMap) for (const [name, value] of [["lat", "20.4464"], ["lon", "106.3367"]] as const) form.append(name, value);
      if (what.picture) form.append("picture", new Blob([new Uint8Array(what.picture)], { type: "image/jpeg" }), "anh.jpg");
      const response = await fetch(`${url}/api/v1/reports`, { method: "POST", body: form });
      if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
      return (await response.json()) as { number: string; key: string };
    },
    20_000,
  );
}
