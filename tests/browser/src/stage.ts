/** Everything that a test plays on: a running center with a small city, people, one edge and a browser. */

import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { launch, type Look, Visit } from "./browser";
import { Caller } from "./caller";
import { type Account, Center } from "./center";
import { Edge } from "./edge";
import { drawJpeg } from "./jpeg";

export const EDGE = "nga-tu-1";
export const NORTH = "Ngã tư Phúc Khánh, hướng bắc";
export const SOUTH = "Ngã tư Phúc Khánh, hướng nam";
export const GATE = "Cổng chợ Bo, đường Trần Hưng Đạo và Lê Quý Đôn";

const camera = (id: string, name: string, area: string, lat: number) => `
[[edge.camera]]
id = "${id}"
name = "${name}"
url = "rtsp://127.0.0.1:9/${id}"
place = { lat = ${lat}, lon = 106.3366 }
area = "${area}"
[[edge.camera.zone]]
id = "yard"
points = [[0.3, 0.9], [0.6, 0.9], [0.55, 0.4], [0.45, 0.4]]
[[edge.camera.rule]]
kind = "intrusion"
zone = "yard"
`;
const CITY = `
[[area]]
id = "phuc-khanh"
name = "Phường Phúc Khánh"
[[area]]
id = "cho-bo"
name = "Phường Lê Hồng Phong"
[[edge]]
id = "${EDGE}"
name = "Ngã tư Phúc Khánh"
${camera("north", NORTH, "phuc-khanh", 20.4463)}${camera("south", SOUTH, "phuc-khanh", 20.4463)}${camera("gate", GATE, "cho-bo", 20.4478)}`;

export class Stage {
  #visits: Visit[] = [];

  private constructor(
    readonly center: Center,
    readonly browser: Browser,
    readonly edge: Edge,
    readonly operator: Account,
    readonly other: Account,
    readonly jpeg: Buffer,
  ) {}

  static async set(): Promise<Stage> {
    const center = await Center.prepare();
    try {
      await center.start();
      await center.importCity(CITY);
      const secret = await center.enroll(EDGE, "Ngã tư Phúc Khánh");
      const operator = await center.addUser("truc-ban-1", "operator");
      const other = await center.addUser("truc-ban-2", "operator");
      const browser = await launch();
      const jpeg = await drawJpeg(browser, 210);
      const edge = await Edge.connect(center, EDGE, secret);
      return new Stage(center, browser, edge, operator, other, jpeg);
    } catch (error) {
      const log = await center.log();
      await center.remove();
      throw new Error(`${String(error)}\nthe center's log:\n${log}`);
    }
  }

  /** Somebody who calls the API beside the browser. */
  caller(account: Account): Promise<Caller> {
    return Caller.signIn(this.center.url, account);
  }

  /** Opens the dashboard, and signs in when given whom. */
  async visit(account?: Account, look?: Look): Promise<Visit> {
    const visit = await Visit.begin(this.browser, this.center.url, look);
    this.#visits.push(visit);
    if (account) await visit.signIn(account);
    return visit;
  }

  /** Closes all pages that were opened since the last time, and returns what they complained of. */
  async clear(): Promise<string[]> {
    const visits = this.#visits;
    this.#visits = [];
    await Promise.all(visits.map((visit) => visit.end()));
    return visits.flatMap((visit) => visit.complaints);
  }

  async strike(): Promise<void> {
    await this.edge.disconnect();
    await this.browser.close();
    await this.center.remove();
  }
}

/**
 * A stage for all tests of a file: set and handed over before them, struck after them. After each test its pages are
 * closed, and they must have complained of nothing.
 */
export function onStage(prepare: (stage: Stage) => Promise<void> | void): void {
  let stage: Stage | undefined;
  beforeAll(async () => {
    stage = await Stage.set();
    await prepare(stage);
  });
  afterEach(async () => {
    expect(await stage?.clear()).toEqual([]);
  });
  afterAll(() => stage?.strike());
}
