/** What the tests of looks share: a city with something of everything, each way to look at it, and what is asked of a screen. */

import { expect } from "vitest";
import { seriousIssues } from "./axe";
import { LANGUAGES, type Look, SIZES, type Size, THEMES, type Visit } from "./browser";
import { fileReport } from "./caller";
import type { Account } from "./center";
import { EDGE, type Stage } from "./stage";

/** Something of everything that a screen can show, and the people who see it. */
export async function fill(stage: Stage): Promise<{ admin: Account; rider: Account }> {
  const admin = await stage.center.addUser("quan-tri", "admin");
  const rider = await stage.center.addUser("to-csgt", "unit");
  const { edge, jpeg } = stage;
  const snapshot = await edge.evidence("north", jpeg);
  const why = { facts: [{ measure: "dwell", value: 31.2, threshold: 30 }] };
  await edge.health({ north: { online: true }, south: { online: false, error: "rtsp: no data for 10 s" } });
  await edge.event({ camera: "north", kind: "collision_suspected", track: 1, class: "motorcycle", snapshot });
  await edge.event({ camera: "gate", kind: "intrusion", track: 2, class: "person", snapshot, why });
  await edge.event({ camera: "gate", kind: "loitering", track: 3, class: "person", snapshot, why });
  await edge.event({ camera: "south", kind: "camera_lost", rule: "camera" });
  await edge.event({ camera: "south", kind: "congestion", track: 5 });
  await edge.event({ camera: "south", kind: "congestion", track: 5, phase: "end" });
  const chief = await stage.caller(admin);
  await chief.unit("csgt-1", { name_vi: "Tổ CSGT số 1", name_en: "Traffic police team 1", members: ["to-csgt"] });
  const { id } = await chief.incident("Va chạm ở cổng chợ Bo");
  await chief.send(id, "csgt-1", "Đến ngay, có người bị thương.");
  await fileReport(stage.center.url, {
    text: "Cây đổ chắn nửa đường, xe máy phải đi lên vỉa hè, trời tối rất nguy hiểm.",
    place: "Trước số 12 đường Trần Hưng Đạo, phường Lê Hồng Phong",
    contact: "0912 345 678",
    picture: jpeg,
  });
  await chief.policy("Ban đêm mức cao hơn; ùn tắc gộp theo loại", {
    rule: [
      { name: "ban đêm", when: { kinds: ["intrusion"], hours: [{ from: "22:00", to: "06:00" }] }, severity: "critical", hold_off_s: 3 },
      { name: "ùn tắc", when: { kinds: ["congestion", "queue_too_long"] }, group: { by: ["kind"], within_s: 300, metres: 200 } },
    ],
    inhibit: [{ while_active: ["camera_lost", "camera_tampered"] }],
  });
  await chief.silence({ cameras: [`${EDGE}/north`] }, "Sửa đường cả tuần");
  await edge.picture("north", jpeg);
  await edge.picture("gate", jpeg, 60_000);
  return { admin, rider };
}

export const looks: Look[] = (Object.keys(SIZES) as Size[]).flatMap((size) =>
  LANGUAGES.flatMap((language) => THEMES.map((theme) => ({ size, language, theme }))),
);

/** Everything to press must be large enough: 24 px, 44 px under a finger. Links within text are text. */
async function smallTargets(visit: Visit, leastPx: number): Promise<string[]> {
  return visit.page.evaluate((least) => {
    const targets = [...document.querySelectorAll<HTMLElement>("button, select, nav a, header a, input")];
    return targets
      .filter((target) => target.checkVisibility() && !target.matches(".skip, input[type=checkbox], input[type=radio]"))
      .map((target) => ({ target, box: target.getBoundingClientRect() }))
      .filter(({ box }) => box.width > 0 && (box.height < least || box.width < Math.min(least, 24)))
      .map(({ target, box }) => `${target.outerHTML.slice(0, 90)} is ${box.width} × ${box.height}`);
  }, leastPx);
}

/** Whether a screen is well: inside its frame, readable for everybody, with targets that are large enough. Leaves a picture of it. */
export async function judge(visit: Visit, look: Look, screen: string): Promise<void> {
  const name = `${look.size}-${look.language}-${look.theme}-${screen}`;
  await visit.screenshot(name);
  expect(await visit.overflow(), `${name}: sideways`).toBeLessThanOrEqual(0);
  expect(await seriousIssues(visit.page), `${name}: axe`).toEqual([]);
  expect(await smallTargets(visit, look.size === "phone" ? 44 : 24), `${name}: targets`).toEqual([]);
}

/** Each value beside each other one, in half the time: these screens are many. */
export const pairs = looks.filter(({ size, language, theme }) => (size === "desk") === ((language === "vi") === (theme === "dark")));
