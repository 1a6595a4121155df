/** The main job: a camera's stream goes in at one end, an operator's browser shows the alert at the other. */

import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launch, Visit } from "./browser";
import { Demo, PATIENCE_MS } from "./demo";
import { until } from "./until";

/** The cameras of the demo city that play real footage, as people read them. */
const CAMPUS = "Lối đi khu trường học";
const GATE = "Cổng phía đông";

let browser: Browser;
let demo: Demo;

beforeAll(async () => {
  demo = await Demo.start();
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  await demo?.remove();
}, 2 * PATIENCE_MS);

test(
  "an alert from real video is on the operator's screen with its picture, and so is what the camera sees now",
  async () => {
    const account = await demo.account();
    const visit = await Visit.begin(browser, demo.url);
    visit.context.setDefaultTimeout(PATIENCE_MS);
    const { page } = visit;
    await visit.signIn(account);

    // What somebody did in the footage: a camera that is lost would be an alert as well.
    const row = page
      .locator("li[data-kind=intrusion], li[data-kind=loitering]")
      .filter({ hasText: new RegExp(`${CAMPUS}|${GATE}`) })
      .first();
    await row.waitFor();
    const width = () => row.locator("img").evaluate((image: HTMLImageElement) => image.naturalWidth, undefined, { timeout: 5000 });
    await until("the alert's picture", async () => (await width()) > 0, PATIENCE_MS);

    await visit.go("cameras");
    const tile = page.locator('[data-camera="demo/campus"]');
    // Both at one look: a busy machine may let it grow older than 5 s now and then.
    const fresh = async () => {
      const looks = await tile.evaluate((card: HTMLElement) => {
        const image = card.querySelector("img");
        const isFresh = card.querySelector("[data-age=fresh]") !== null;
        return { isFresh, width: image?.naturalWidth ?? 0, source: image?.src ?? "" };
      });
      return looks.isFresh && looks.width > 0 ? looks : null;
    };
    const first = await until("a picture younger than 5 s", fresh, PATIENCE_MS);
    await until("a newer one", async () => ((await fresh())?.source ?? first.source) !== first.source, PATIENCE_MS);

    expect(visit.complaints).toEqual([]);
    await visit.end();
    const ended = await demo.end();
    expect(ended, demo.said.slice(-3000)).toBe("0");
    expect(demo.said.trimEnd().split("\n").at(-1)).toMatch(/^demo: events=\d+ observations=\d+ alerts=[1-9]\d* lost=0 duplicated=0$/);
  },
  5 * PATIENCE_MS,
);
