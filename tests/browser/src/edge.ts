/** An edge as the center sees one: it numbers its messages, publishes them over MQTT 5 and hands pictures in by HTTP. */

import { createHash, randomUUID } from "node:crypto";
import { connectAsync, type MqttClient } from "mqtt";
import type { Center } from "./center";

export interface EventFacts {
  camera: string;
  kind: string;
  phase?: "start" | "end";
  rule?: string;
  zone?: string;
  track?: number;
  class?: string;
  why?: { facts?: { measure: string; value: number; threshold?: number; plus_minus?: number }[]; ended?: string; note?: string };
  snapshot?: string;
}

export class Edge {
  readonly #outbox = randomUUID();
  readonly #sequences = new Map<string, number>();
  #acked = new Map<string, number>();
  #unacked: { sequence: number; text: string }[] = [];
  #boot = 0;

  private constructor(
    private readonly center: Center,
    readonly id: string,
    private readonly secret: string,
    private readonly client: MqttClient,
  ) {}

  static async connect(center: Center, id: string, secret: string): Promise<Edge> {
    const client = await connectAsync(center.mqttUrl, {
      protocolVersion: 5,
      username: id,
      password: secret,
      clientId: `browser-test-${id}`,
      reconnectPeriod: 200,
    });
    const edge = new Edge(center, id, secret, client);
    client.on("message", (_topic, payload) => edge.#onAck(payload));
    client.on("connect", () => void edge.#introduce());
    await edge.#introduce();
    return edge;
  }

  /** Says who it is, as a retained message, and sends again what was never acknowledged. */
  async #introduce(): Promise<void> {
    this.#boot += 1;
    await this.client.subscribeAsync(`ngatu/v1/${this.id}/ack`, { qos: 1 });
    const state = {
      online: true,
      outbox: this.#outbox,
      boot: this.#boot,
      version: "0.1.0",
      config: 1,
      oldest: { events: (this.#acked.get("events") ?? 0) + 1 },
    };
    await this.client.publishAsync(`ngatu/v1/${this.id}/state`, JSON.stringify(state), { qos: 1, retain: true });
    await this.resend();
  }

  #onAck(payload: Buffer): void {
    const ack = JSON.parse(payload.toString()) as { outbox: string; lane: string; upto: number };
    if (ack.outbox !== this.#outbox) return;
    this.#acked.set(ack.lane, ack.upto);
    if (ack.lane === "events") this.#unacked = this.#unacked.filter((message) => message.sequence > ack.upto);
  }

  /** How many events the center has not acknowledged. */
  get waiting(): number {
    return this.#unacked.length;
  }

  async resend(): Promise<void> {
    if (this.#unacked.length === 0) return;
    const texts = this.#unacked.slice(0, 500).map((message) => message.text);
    await this.client.publishAsync(`ngatu/v1/${this.id}/events`, `[${texts.join(",")}]`, { qos: 1 });
  }

  async event(facts: EventFacts): Promise<void> {
    await this.events([facts]);
  }

  /** Publishes events together, at most 500 a payload. */
  async events(many: EventFacts[]): Promise<void> {
    const sealed = many.map(({ camera, ...rest }) => {
      const data = {
        rule: `${rest.kind.replaceAll("_", "-")}-yard`,
        zone: "yard",
        phase: "start",
        confidence: 0.83,
        config: 1,
        ...rest,
      };
      return this.#seal("vn.ngatu.event.v1", "events", `/cameras/${camera}`, data);
    });
    this.#unacked.push(...sealed);
    for (let i = 0; i < sealed.length; i += 500) {
      const texts = sealed.slice(i, i + 500).map((message) => message.text);
      await this.client.publishAsync(`ngatu/v1/${this.id}/events`, `[${texts.join(",")}]`, { qos: 1 });
    }
  }

  /** Uses a number up without sending anything: a hole. Returns it. */
  skip(lane: string): number {
    const sequence = (this.#sequences.get(lane) ?? 0) + 1;
    this.#sequences.set(lane, sequence);
    return sequence;
  }

  /** Declares that one number of a lane will never come. */
  async declareLost(lane: string, lost: number): Promise<void> {
    const data = { from: lost, to: lost, count: 1, reason: "outbox_full" };
    const { text } = this.#seal("vn.ngatu.loss.v1", lane, "", data);
    await this.client.publishAsync(`ngatu/v1/${this.id}/${lane}`, `[${text}]`, { qos: 1 });
  }

  /** Says how its cameras are doing. */
  async health(cameras: Record<string, { online: boolean; error?: string }>): Promise<void> {
    const camera = (state: { online: boolean; error?: string }) => ({
      fps_in: state.online ? 25 : 0,
      fps_analysed: state.online ? 5 : 0,
      detector_share: 0.2,
      stage_ms: { detect: 22.5 },
      restarts: 0,
      width_px: 1280,
      height_px: 720,
      ...state,
    });
    const data = {
      uptime_s: 60,
      version: "0.1.0",
      memory_bytes: 90_000_000,
      temperature_c: 58.5,
      disk_free_bytes: 31_200_000_000,
      outbox_depth: { events: 0 },
      cameras: Object.fromEntries(Object.entries(cameras).map(([id, state]) => [id, camera(state)])),
    };
    const { text } = this.#seal("vn.ngatu.health.v1", "health", "", data);
    await this.client.publishAsync(`ngatu/v1/${this.id}/health`, `[${text}]`, { qos: 1 });
  }

  #seal(type: string, lane: string, source: string, data: object): { sequence: number; text: string } {
    const sequence = (this.#sequences.get(lane) ?? 0) + 1;
    this.#sequences.set(lane, sequence);
    const envelope = {
      specversion: "1.0",
      id: randomUUID(),
      source: `/edges/${this.id}${source}`,
      type,
      time: new Date().toISOString(),
      sequence,
      outbox: this.#outbox,
      data,
    };
    return { sequence, text: JSON.stringify(envelope) };
  }

  /** Hands a snapshot in and returns its name. */
  async evidence(camera: string, jpeg: Buffer): Promise<string> {
    const digest = `sha256:${createHash("sha256").update(jpeg).digest("hex")}`;
    await this.#put(`/api/v1/evidence/${digest}?camera=${camera}`, jpeg);
    return digest;
  }

  /** Hands in a camera's newest picture, taken so many milliseconds ago. */
  async picture(camera: string, jpeg: Buffer, ageMs = 0): Promise<void> {
    const takenAt = new Date(Date.now() - ageMs).toISOString();
    await this.#put(`/api/v1/cameras/${this.id}/${camera}/picture?taken_at=${encodeURIComponent(takenAt)}`, jpeg);
  }

  async #put(path: string, jpeg: Buffer): Promise<void> {
    const response = await fetch(this.center.url + path, {
      method: "PUT",
      headers: {
        "content-type": "image/jpeg",
        authorization: `Basic ${Buffer.from(`${this.id}:${this.secret}`).toString("base64")}`,
      },
      body: new Uint8Array(jpeg),
    });
    if (!response.ok) throw new Error(`PUT ${path}: ${response.status} ${await response.text()}`);
  }

  async disconnect(): Promise<void> {
    await this.client.endAsync(true);
  }
}
