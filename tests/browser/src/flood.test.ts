/** Thousands of open alerts: the page still opens quickly, hears at once and obeys the keyboard, and the flood is told and tamed. */

import { expect, test } from "vitest";
import { PLAIN } from "./browser";
import { judge } from "./looks";
import { GATE, onStage, type Stage } from "./stage";
import { until } from "./until";

const ALERTS = 3000;
const PHONE = { size: "phone", language: "en", theme: "light" } as const;
let stage: Stage;

onStage((set) => {
  stage = set;
});

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
  const { page } = await stage.visit(stage.operator);
  await page.locator("[data-alert], [data-fold]").first().waitFor();
  const openMs = Math.round(performance.now() - opened);
  await until("all are counted", async () => (await page.title()).startsWith(`(${ALERTS})`));

  const published = performance.now();
  await stage.edge.event({ camera: "north", kind: "smoke_or_fire", track: 9 });
  const fire = page.locator("li[data-kind=smoke_or_fire]");
  await fire.waitFor();
  const shownMs = Math.round(performance.now() - published);
  expect(await page.locator(".queue > li").first().getAttribute("data-kind")).toBe("smoke_or_fire");

  const pressed = performance.now();
  await page.keyboard.press("j");
  await page.keyboard.press("a");
  await fire.getByText("truc-ban-1 xác nhận lúc").waitFor();
  const obeyedMs = Math.round(performance.now() - pressed);
  console.log(`${ALERTS} open alerts: signed in and drawn ${openMs} ms, new one shown ${shownMs} ms, key obeyed ${obeyedMs} ms`);
});

test("a flood is told with its rate and its top source, groups what matters less, and hides nothing critical or high", async () => {
  await stage.edge.event({ camera: "south", kind: "person_down", track: 9 });
  await stage.edge.event({ camera: "north", kind: "intrusion", track: 9 });
  // One source that is far ahead of the others, and one alert of its kind elsewhere.
  await stage.edge.events(Array.from({ length: 40 }, (_, i) => ({ camera: "gate", kind: "stopped_vehicle", rule: "stop", zone: `z-${i}`, track: 5000 + i })));
  await until("all are committed", () => stage.edge.waiting === 0);
  const one = await stage.visit(stage.operator);
  const { page } = one;
  const banner = page.locator("[data-banner=flood]");
  await banner.getByText(/Cảnh báo dồn dập: 3\.0\d\d trong 10 phút; 1 người trực chỉ theo kịp 10/).waitFor();
  await banner.getByText(new RegExp(`Nhiều nhất: ${GATE}, Xe dừng trên đường, 40 cảnh báo`)).waitFor();
  await page.locator("[data-folded]").waitFor();
  for (const kind of ["person_down", "intrusion"]) await page.locator(`[data-alert][data-kind=${kind}]`).waitFor();
  expect(await page.locator("[data-alert]:is([data-kind=congestion], [data-kind=crowd], [data-kind=stopped_vehicle])").count()).toBe(0);
  await judge(one, PLAIN, "flood");

  const group = page.locator("[data-fold=stopped_vehicle]");
  expect(await group.getAttribute("data-size")).toBe("40");
  await group.locator("[aria-expanded]").click();
  await page.locator("[data-alert][data-kind=stopped_vehicle]").nth(39).waitFor();
  await group.locator("[aria-expanded]").click();
  await page.locator("[data-alert][data-kind=stopped_vehicle]").first().waitFor({ state: "detached" });
  await group.locator("[data-act=select-group]").click();
  await page.locator("[data-selected='40']").getByRole("button", { name: "Xác nhận tất cả" }).click();
  await page.getByText("Đã xác nhận 40 cảnh báo.").waitFor();
  await page.mouse.move(0, 0);
  await group.getByText(/đã xác nhận/).waitFor();

  await banner.getByRole("link", { name: "Chỉ mức khẩn cấp và cao" }).click();
  await page.locator("[data-fold]").first().waitFor({ state: "detached" });
  await page.locator("[data-alert][data-kind=person_down]").waitFor();
  await one.go("cameras");
  await banner.waitFor();
  await one.go("alerts");
  await page.getByRole("button", { name: "Hiện từng cảnh báo" }).click();
  await page.locator("[data-alert][data-kind=crowd]").first().waitFor();

  const phone = await stage.visit(stage.other, PHONE);
  await phone.page.locator("[data-folded]").waitFor();
  await judge(phone, PHONE, "flood");
});
