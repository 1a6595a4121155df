import { expect, test } from "vitest";
import { en } from "../lib/i18n/en";
import { vi } from "../lib/i18n/vi";
import { actionText } from "./tell";

test("acts are told in words, those on incidents and dispatches as where they are worked, and foreign ones not at all", () => {
  expect(actionText("session.begin", vi)).toBe("Đăng nhập");
  expect(actionText("incident.taken", vi)).toBe("Vụ việc: nhận vụ việc");
  expect(actionText("dispatch.accepted", vi)).toBe("Lệnh cử đơn vị: đã nhận");
  for (const foreign of ["incident.eaten", "dispatch.", "report", "toString", "incident.toString"]) expect(actionText(foreign, en)).toBeUndefined();
});
