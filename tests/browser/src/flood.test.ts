/** Thousands of open alerts: the page still opens quickly, hears at once and obeys the keyboard. */

import { afterAll, beforeAll, expect, test } from "vitest";
import { Stage } from "./stage";
import { until } from "./until";

const ALERTS = 3000;
let stage: Stage;

beforeAll(async () => {
  stage = await Stage.set();
});
afterAll(() => stage?.strike());

test(`with ${ALERTS} open alerts a new one is on the screen within 2 s and is acknowledged by key`, async () => {
  const kinds = ["congestion", "crowd", "loitering"];
  await stage.edge.events(
    Array.from({ length: ALERTS }, (_, i) => ({
      camera: ["north", "south", "gate"][i % 3] ?? "north",
      kind: kinds[i % kinds.length] ?? "crowd",
      rule: `rule-${i}`,
      track: i + 1,
    })),
  );
  await until("all are committed", () => stage.edge.waiting === 0, 20_000);

  const opened = performance.now();
  const visit = await stage.visit(stage.operator);
  const { page } = visit;
  await page.locator("[data-alert]").first().waitFor();
  const openMs = Math.round(performance.now() - opened);
  await until("all are counted", async () => (await page.title()).startsWith(`(${ALERTS})`));

  const published = performance.now();
  await stage.edge.event({ camera: "north", kind: "smoke_or_fire", track: 9 });
  const fire = page.locator("li[data-kind=smoke_or_fire]");
  await fire.waitFor({ timeout: 2000 });
  const shownMs = Math.round(performance.now() - published);
  expect(await page.locator("[data-alert]").first().getAttribute("data-kind")).toBe("smoke_or_fire");

  const pressed = performance.now();
  await page.keyboard.press("j");
  await page.keyboard.press("a");
  await fire.getByText("truc-ban-1 xác nhận lúc").waitFor({ timeout: 2000 });
  const obeyedMs = Math.round(performance.now() - pressed);
  console.log(`${ALERTS} open alerts: signed in and drawn ${openMs} ms, new one shown ${shownMs} ms, key obeyed ${obeyedMs} ms`);
  expect(visit.complaints).toEqual([]);
  await visit.end();
});
