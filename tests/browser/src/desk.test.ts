/** What comes in from citizens, and what goes out to units: triage, dispatching, and the inbox on a phone that loses its network. */

import { describe, expect, test } from "vitest";
import { PLAIN, type Visit } from "./browser";
import { type Caller, fileReport } from "./caller";
import type { Account } from "./center";
import { onStage, type Stage } from "./stage";
import { until } from "./until";

const PHONE = { ...PLAIN, size: "phone" } as const;
let stage: Stage;
let chief: Caller;
let first: Account;
let second: Account;

onStage(async (set) => {
  stage = set;
  chief = await stage.caller(await stage.center.addUser("quan-tri", "admin"));
  first = await stage.center.addUser("to-1", "unit");
  second = await stage.center.addUser("to-2", "unit");
  await chief.unit("csgt-2", { name_vi: "Tổ CSGT số 2", name_en: "Traffic police team 2", members: ["to-2"] });
  await chief.unit("csgt-1", { name_vi: "Tổ CSGT số 1", name_en: "Traffic police team 1", members: ["to-1"], fallback: ["csgt-2"] });
});
const visit = (...how: Parameters<Stage["visit"]>) => stage.visit(...how);
async function phoneOf(account: Account): Promise<Visit> {
  const one = await visit(undefined, PHONE);
  await one.signInUnit(account);
  return one;
}

describe("a citizen's report", () => {
  test("is read with its picture and becomes an incident by one key", async () => {
    const { number } = await fileReport(stage.center.url, {
      text: "Cây đổ chắn nửa đường.",
      place: "Trước số 12 Trần Hưng Đạo",
      contact: "0912 345 678",
      picture: stage.jpeg,
    });
    const one = await visit(stage.operator);
    await one.page.keyboard.press("3");
    const row = one.page.locator(`[data-report="${number}"]`);
    await row.getByText("Mới", { exact: true }).waitFor();
    await row.getByText(/còn .+ để trả lời/).waitFor();
    await one.page.getByText("1 tin mới chưa ai xem xét").waitFor();
    await one.page.keyboard.press("j");
    const detail = one.page.locator(`[data-open-report="${number}"]`);
    for (const wanted of ["Cây đổ chắn nửa đường.", "Trước số 12 Trần Hưng Đạo", "0912 345 678"]) {
      expect(await detail.innerText()).toContain(wanted);
    }
    await detail.locator("[data-coordinates]").getByText("20.44640, 106.33670").waitFor();
    await detail.locator("[data-plan='2']").getByText(/hướng bắc; Ngã tư Phúc Khánh, hướng nam · cách 1\d m/).waitFor();
    await until("the picture", () => detail.locator("img").evaluate((image: HTMLImageElement) => image.naturalWidth > 0));
    await one.page.keyboard.press("i");
    await detail.getByText("Đã tiếp nhận").waitFor();
    expect(await detail.getByRole("button", { name: "Lập vụ việc" }).count()).toBe(0);
    await detail.locator("a[href*='#/incidents']").click();
    await one.page.locator("[data-open-incident]").getByText("Tin báo của dân").waitFor();
  });

  test("that comes while the list is open is in it at once, and on other screens the navigation counts it", async () => {
    const [one, elsewhere] = [await visit(stage.operator), await visit(stage.other)];
    await one.go("reports");
    await one.page.locator("[data-summary]").waitFor();
    const { number } = await fileReport(stage.center.url, { text: "Đèn đường hỏng cả đoạn." });
    await one.page.locator(`[data-report="${number}"]`).waitFor();
    await elsewhere.page.locator("[data-new-reports='1']").waitFor();
    await elsewhere.page.keyboard.press("3");
    await elsewhere.page.locator(`[data-report="${number}"]`).waitFor();
    expect(await elsewhere.page.locator("[data-new-reports]").count()).toBe(0);
  });

  test("joins an incident that is there, and its reporter reads the answer", async () => {
    const incident = await chief.incident("Cây đổ ở cổng chợ");
    const { number, key } = await fileReport(stage.center.url, { text: "Vẫn còn cây đổ.", kind: "other", place: "Cổng chợ Bo" });
    const one = await visit(stage.operator);
    await one.go("reports", `?open=${number}`);
    const detail = one.page.locator(`[data-open-report="${number}"]`);
    await detail.locator("[data-act=attach]").click();
    const dialog = one.page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Gộp vào" }).click();
    await dialog.getByText("Hãy chọn một vụ việc.").waitFor();
    await dialog.locator(`[data-choose="${incident.number}"] input`).check();
    await dialog.getByRole("button", { name: "Gộp vào" }).click();
    await detail.getByText(incident.number).waitFor();
    await detail.locator("[data-act=answer]").click();
    await dialog.getByRole("button", { name: "Gửi trả lời" }).click();
    await dialog.getByText("Hãy viết câu trả lời.").waitFor();
    await dialog.getByLabel("Câu trả lời").fill("Đội cây xanh đã dọn xong lúc 9 giờ. Cảm ơn bạn.");
    await dialog.getByRole("button", { name: "Gửi trả lời" }).click();
    await detail.getByText("Đã trả lời", { exact: true }).first().waitFor();
    expect(await detail.locator("[data-act]").count()).toBe(0);
    const status = await fetch(`${stage.center.url}/api/v1/reports/${number}?key=${key}`);
    expect(await status.json()).toMatchObject({ state: "answered", answer: "Đội cây xanh đã dọn xong lúc 9 giờ. Cảm ơn bạn." });
  });

  test("is rejected only with a reason, and who comes later learns who was faster", async () => {
    const { number } = await fileReport(stage.center.url, { text: "Cho hỏi mấy giờ rồi?" });
    const [one, late] = [await visit(stage.operator), await visit(stage.other)];
    for (const each of [one, late]) {
      await each.go("reports", `?open=${number}`);
      await each.page.locator(`[data-open-report="${number}"]`).waitFor();
      await each.page.keyboard.press("d");
      await each.page.getByRole("dialog").waitFor();
    }
    const reject = (each: Visit) => each.page.getByRole("dialog").getByRole("button", { name: "Từ chối" }).click();
    await reject(one);
    await one.page.getByText("Hãy ghi lý do.").waitFor();
    for (const each of [one, late]) await each.page.getByRole("dialog").getByLabel("Lý do").fill("Không phải phản ánh hiện trường.");
    await reject(one);
    await one.page.locator(`[data-open-report="${number}"]`).getByText("Đã từ chối", { exact: true }).waitFor();
    await reject(late);
    await late.page.getByRole("alert").getByText("truc-ban-1 đã làm việc này trước bạn.").waitFor();
  });

  test("that lies nobody knows where is given to an area, and is of those on duty there from then on", async () => {
    const { number } = await fileReport(stage.center.url, { text: "Cột điện nghiêng.", place: "Gần trường học", isOffTheMap: true });
    const elsewhere = await chief.person("truc-cho-bo", "operator", ["cho-bo"]);
    const there = await chief.person("truc-phuc-khanh", "operator", ["phuc-khanh"]);
    const one = await visit(elsewhere);
    await one.go("reports");
    await one.page.locator(`[data-report="${number}"]`).getByText("Chưa rõ khu vực").waitFor();
    await one.page.locator(`[data-report="${number}"] [data-open]`).click();
    const detail = one.page.locator(`[data-open-report="${number}"]`);
    await detail.getByText("mọi trực ban cùng thấy tin này").waitFor();
    await detail.locator("[data-act=place]").click();
    const dialog = one.page.getByRole("dialog");
    await dialog.getByText("Gần trường học").waitFor();
    await dialog.getByRole("button", { name: "Giao cho khu vực này" }).click();
    await dialog.getByText("Hãy chọn một khu vực.").waitFor();
    await dialog.locator("[data-choose=phuc-khanh] input").check();
    await dialog.getByRole("button", { name: "Giao cho khu vực này" }).click();
    await detail.locator("[data-area=phuc-khanh]").getByText("Phường Phúc Khánh").waitFor();
    const numbers = async (account: Account) => {
      const { items } = await (await stage.caller(account)).call<{ items: { number: string }[] }>("GET", "/api/v1/reports");
      return items.map((report) => report.number);
    };
    expect(await numbers(elsewhere)).not.toContain(number);
    expect(await numbers(there)).toContain(number);
  });

  test("is not shown to those whom the center does not let read it", async () => {
    const viewer = await stage.center.addUser("nguoi-xem", "viewer");
    const one = await visit(viewer);
    await one.page.keyboard.press("3");
    expect(await one.page.locator("nav a[href='#/reports']").count()).toBe(0);
    await one.page.goto(`${one.url}/#/reports`);
    await one.page.locator("main[data-screen=alerts]").waitFor();
  });
});

describe("an incident", () => {
  test("is taken, noted, not resolved while a mandatory step is open, then resolved, closed and reopened", async () => {
    const incident = await chief.incident("Đèn tín hiệu hỏng");
    const [one, other] = [await visit(stage.operator), await visit(stage.other)];
    await one.page.locator("nav [data-untaken]").getByText("vụ việc chưa ai nhận").waitFor({ state: "attached" });
    for (const each of [one, other]) await each.go("incidents", `?open=${incident.id}`);
    const detail = one.page.locator(`[data-open-incident="${incident.number}"]`);
    const seen = other.page.locator(`[data-open-incident="${incident.number}"]`);
    await detail.getByText("do người lập").waitFor();
    await detail.locator("[data-act=take]").click();
    await seen.getByText("truc-ban-1 phụ trách").waitFor();
    await detail.getByLabel("Ghi chú mới").fill("Đã gọi tổ điện.");
    await detail.getByRole("button", { name: "Ghi lại" }).click();
    await seen.locator("[data-change=noted]").getByText("Đã gọi tổ điện.").waitFor();

    const dialog = one.page.getByRole("dialog");
    await detail.locator("[data-act=resolve]").click();
    await dialog.getByLabel("Đúng").check();
    await dialog.getByRole("button", { name: "Thực hiện" }).click();
    await one.page.getByText(/Còn bước bắt buộc: Xác minh sự việc/).waitFor();
    await one.page.keyboard.press("Escape");
    const step = detail.locator("[data-step=verify]");
    await step.getByRole("button", { name: "Đã làm" }).click();
    await step.getByText(/truc-ban-1, /).waitFor();
    await detail.locator("[data-act=resolve]").click();
    await dialog.getByLabel("Đúng").check();
    await dialog.getByRole("button", { name: "Thực hiện" }).click();
    await seen.locator("[data-standing=resolved]").waitFor();
    await detail.locator("[data-act=close]").click();
    await seen.locator("[data-standing=closed]").waitFor();
    await detail.locator("[data-act=reopen]").click();
    await dialog.getByLabel("Lý do").fill("Hỏng lại.");
    await dialog.getByRole("button", { name: "Thực hiện" }).click();
    await seen.locator("[data-change=reopened]").getByText("Hỏng lại.").waitFor();
    await seen.locator("[data-standing=taken]").waitFor();
  });

  test("that is the same as another one is merged into it and leads there", async () => {
    const [kept, merged] = [await chief.incident("Ngập ở cầu Bo"), await chief.incident("Nước ngập đường cầu Bo")];
    const one = await visit(stage.operator);
    await one.go("incidents", `?open=${kept.id}`);
    await one.page.locator("[data-act=merge]").click();
    const dialog = one.page.getByRole("dialog");
    await dialog.getByLabel("Gộp vào đây vụ việc").selectOption(merged.id);
    await dialog.getByRole("button", { name: "Thực hiện" }).click();
    await one.page.locator("[data-change=absorbed]").getByText(merged.number).waitFor();
    await one.page.locator(`[data-incident="${merged.number}"]`).waitFor({ state: "detached" });
    await one.go("incidents", `?open=${merged.id}`);
    await one.page.getByText("Đã gộp vào vụ việc khác").waitFor();
  });
});

describe("a call", () => {
  /** An incident that calls the supervisor as soon as nobody has taken it for a second. */
  async function calling(title: string): Promise<{ id: string; number: string }> {
    const { items } = await chief.call<{ items: { kind: string }[] }>("GET", "/api/v1/procedures");
    const flood = items.find((procedure) => procedure.kind === "flood");
    const hasty = { ...flood, sla: { acknowledge_s: 1 }, escalation: { chain: ["supervisor"], every_s: 3600, on_call: [] } };
    await chief.call("PUT", "/api/v1/procedures", { items: [hasty] });
    return chief.call("POST", "/api/v1/incidents", { kind: "flood", title });
  }

  test("stays on the screen of whom it names and sounds until somebody takes the incident, and nobody else has it", async () => {
    const boss = await stage.center.addUser("truong-ca", "supervisor");
    const [one, other] = [await visit(boss, { ...PLAIN, language: "en" }), await visit(stage.operator)];
    await one.page.evaluate(() => {
      const counted = window as unknown as { tones: number };
      counted.tones = 0;
      const start = OscillatorNode.prototype.start;
      OscillatorNode.prototype.start = function (this: OscillatorNode, ...when) {
        counted.tones += 1;
        return start.apply(this, when);
      };
    });
    const tones = () => one.page.evaluate(() => (window as unknown as { tones: number }).tones);
    const { id, number } = await calling("Nước ngập hầm chui");
    const call = one.page.locator(`[data-call="${number}"]`);
    await call.getByText("You are called: Nước ngập hầm chui").waitFor();
    await call.getByText("time ran out and nobody has taken it").waitFor();
    await until("it sounds", async () => (await tones()) > 0);
    await one.page.locator("[data-sound=on]").click();
    await one.page.locator("[data-sound=off]").waitFor();
    expect(await one.page.evaluate(() => localStorage.getItem("ngatu.sound"))).toBe("off");
    await one.page.reload();
    await call.waitFor();
    await one.screenshot("desk-en-dark-called");
    await call.click();
    const detail = one.page.locator(`[data-open-incident="${number}"]`);
    await detail.locator("[data-called]").getByText("truong-ca").waitFor();
    await detail.locator("[data-change=escalated]").getByText("time ran out and nobody has taken it · truong-ca").waitFor();

    await other.go("incidents", `?open=${id}`);
    const seen = other.page.locator(`[data-open-incident="${number}"]`);
    await seen.locator("[data-called]").getByText("Đang gọi: truong-ca").waitFor();
    expect(await other.page.locator("[data-calls]").count()).toBe(0);
    await seen.locator("[data-act=take]").click();
    await one.page.locator("[data-calls]").waitFor({ state: "detached" });
    await detail.locator("[data-called]").waitFor({ state: "detached" });
  });

  test("because no unit answers names the supervisor, and ends when a person sends another unit", async () => {
    const boss = await stage.center.addUser("truong-ca-2", "supervisor");
    await chief.unit("cuu-ho", { name_vi: "Cứu hộ", name_en: "Rescue", channels: [{ kind: "mail", to: "cuu-ho@example.vn" }] });
    const incident = await chief.incident("Xe lật ở cầu Bo");
    await chief.send(incident.id, "cuu-ho", "Đến ngay.");
    const one = await visit(boss, PHONE);
    const call = one.page.locator(`[data-call="${incident.number}"]`);
    await call.getByText("không đơn vị nào trả lời, sau cùng đã hỏi Cứu hộ").waitFor();
    expect(await one.overflow()).toBeLessThanOrEqual(0);
    await one.screenshot("phone-vi-dark-called");
    await call.click();
    await one.page.locator(`[data-open-incident="${incident.number}"]`).waitFor();
    await chief.send(incident.id, "csgt-1", "Đến thay.");
    await call.waitFor({ state: "detached" });
  });
});

describe("what has no room on the screen", () => {
  test("is counted, and leads to the rest", async () => {
    await chief.incident("Cây đổ ở công viên");
    const one = await visit();
    // Thousands of alerts take long to make: the snapshot is told to be short of some.
    await one.context.addInitScript(() => {
      const handler = Object.getOwnPropertyDescriptor(WebSocket.prototype, "onmessage");
      Object.defineProperty(WebSocket.prototype, "onmessage", {
        set(this: WebSocket, hear: (event: { data: string }) => void) {
          handler?.set?.call(this, ({ data }: { data: string }) => {
            const frame = JSON.parse(data) as { type: string };
            const crowded = { ...frame, left_out: 1234, incidents_left_out: 1, incidents: [] };
            hear({ data: frame.type === "snapshot" ? JSON.stringify(crowded) : data });
          });
        },
      });
    });
    await one.page.reload();
    await one.signIn(stage.operator);
    const line = one.page.locator("[data-left-out]");
    await line.getByText("Còn 1.234 cảnh báo đang mở chưa hiện ở đây").waitFor();
    await line.getByRole("link", { name: "Thấp" }).click();
    await until("the address says which", () => one.page.url().endsWith("#/alerts?severity=low"));
    await one.go("incidents");
    await one.page.locator("[data-left-out='1']").getByRole("button", { name: "Hiện hết" }).click();
    await one.page.getByText("Cây đổ ở công viên").waitFor();
    await line.waitFor({ state: "detached" });
  });
});

describe("a unit", () => {
  test("that is sent reads, accepts, arrives and is done, and the incident shows each state with its time", async () => {
    const incident = await chief.incident("Va chạm ở ngã tư");
    const one = await visit(stage.operator);
    await one.go("incidents", `?open=${incident.id}`);
    const detail = one.page.locator(`[data-open-incident="${incident.number}"]`);
    await detail.locator("[data-standing=open]").waitFor();
    expect(await one.page.locator(`[data-incident="${incident.number}"] [data-standing]`).innerText()).toBe("Chưa ai nhận");
    expect(await detail.innerText()).not.toContain("Chưa có người phụ trách");
    await one.page.keyboard.press("c");
    await detail.getByText("truc-ban-1 phụ trách").waitFor();
    await one.page.keyboard.press("u");
    const dialog = one.page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Cử đơn vị" }).click();
    await dialog.getByText("Hãy chọn một đơn vị.").waitFor();
    await dialog.locator("[data-unit=csgt-1] input").check();
    await dialog.getByLabel("Yêu cầu đơn vị làm gì").fill("Phân luồng, gọi cứu thương nếu cần.");
    await dialog.getByRole("button", { name: "Cử đơn vị" }).click();
    const sent = detail.locator("[data-dispatch=csgt-1]");
    await sent.waitFor();

    const phone = await phoneOf(first);
    const card = phone.page.locator("[data-dispatch-state]").filter({ hasText: "Va chạm ở ngã tư" });
    await card.getByText("Phân luồng, gọi cứu thương nếu cần.").waitFor();
    expect(await phone.overflow()).toBeLessThanOrEqual(0);
    await sent.getByText("đã xem").first().waitFor();
    await card.getByRole("button", { name: "Nhận việc" }).click();
    await sent.locator(".badge").getByText("đã nhận").waitFor();
    await card.getByRole("button", { name: "Đã đến nơi" }).click();
    await sent.locator(".badge").getByText("đã đến nơi").waitFor();
    await card.getByRole("button", { name: "Hoàn thành" }).click();
    await card.getByLabel("Ghi lại kết quả").fill("Đã phân luồng, không ai bị thương.");
    await card.getByRole("button", { name: "Gửi hoàn thành" }).click();
    await sent.getByText("“Đã phân luồng, không ai bị thương.”").waitFor();
    const times = await sent.locator("ol li").allInnerTexts();
    for (const state of ["đã xem", "đã nhận", "đã đến nơi", "hoàn thành"]) {
      expect(times.some((line) => new RegExp(`^\\d\\d:\\d\\d:\\d\\d ${state}$`).test(line)), `${state} in ${times.join("; ")}`).toBe(true);
    }
    await one.screenshot("desk-vi-dark-incident-dispatched");
  });

  test("that refuses says why, and the next one is asked by itself", async () => {
    const incident = await chief.incident("Cháy thùng rác");
    await chief.send(incident.id, "csgt-1", "Kiểm tra.");
    const one = await visit(stage.operator);
    await one.go("incidents", `?open=${incident.id}`);
    const [phone, next] = [await phoneOf(first), await phoneOf(second)];
    const card = phone.page.locator("[data-dispatch-state]").filter({ hasText: "Cháy thùng rác" });
    await card.getByRole("button", { name: "Từ chối" }).click();
    await card.getByRole("button", { name: "Gửi từ chối" }).click();
    await card.getByText("Hãy ghi lý do để trung tâm cử đơn vị khác.").waitFor();
    await card.getByLabel("Vì sao từ chối").fill("Đang xử lý vụ khác.");
    await card.getByRole("button", { name: "Gửi từ chối" }).click();
    const refused = one.page.locator("[data-dispatch=csgt-1]");
    await refused.locator(".badge").getByText("từ chối").waitFor();
    await refused.getByText("“Đang xử lý vụ khác.”").waitFor();
    const then = one.page.locator("[data-dispatch=csgt-2]");
    await then.waitFor({ timeout: 60_000 });
    const other = next.page.locator("[data-dispatch-state]").filter({ hasText: "Cháy thùng rác" });
    await other.getByRole("button", { name: "Nhận việc" }).click();
    await then.locator(".badge").getByText("đã nhận").waitFor();
  });

  test("without network still reads what it saw, sees what is not sent, may take it back, and sends it when the network is back", async () => {
    const incident = await chief.incident("Xe chết máy giữa cầu");
    const dispatch = await chief.send(incident.id, "csgt-2", "Kéo xe vào lề.");
    const phone = await phoneOf(second);
    const card = phone.page.locator("[data-dispatch-state]").filter({ hasText: "Xe chết máy giữa cầu" });
    await card.waitFor();
    await phone.context.setOffline(true);
    await phone.page.locator("[data-banner=offline]").getByText(/Mất mạng từ \d\d:\d\d:\d\d\. Đang hiện việc đã biết lúc/).waitFor();
    await card.getByText("Kéo xe vào lề.").waitFor();
    const stateNow = async () => (await chief.call<{ state: string }>("GET", `/api/v1/dispatches/${dispatch.id}`)).state;
    await card.getByRole("button", { name: "Nhận việc" }).click();
    await card.getByText(/CHƯA GỬI: Nhận việc, bấm lúc \d\d:\d\d:\d\d/).waitFor();
    await phone.page.locator("[data-unsent-count='1']").waitFor();
    expect(["sent", "delivered", "read"]).toContain(await stateNow());
    await card.getByRole("button", { name: "Bỏ, không gửi nữa" }).click();
    await card.getByRole("button", { name: "Nhận việc" }).click();
    await card.locator("[data-unsent=accepted]").waitFor();
    await phone.context.setOffline(false);
    await until("the center knows it", async () => (await stateNow()) === "accepted");
    await card.locator("[data-unsent]").waitFor({ state: "detached" });
    await card.getByRole("button", { name: "Đã đến nơi" }).waitFor();
    await phone.page.locator("[data-banner=offline]").waitFor({ state: "detached" });
  });
});
