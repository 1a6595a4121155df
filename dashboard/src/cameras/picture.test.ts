import { expect, test } from "vitest";
import { anAlert } from "../lib/testing";
import { worstByCamera } from "./picture";

test("a camera's frame has the colour of the most urgent that goes on there", () => {
  const worst = worstByCamera([
    anAlert({ id: "1", severity: "low" }),
    anAlert({ id: "2", severity: "critical" }),
    anAlert({ id: "3", severity: "medium" }),
    anAlert({ id: "4", camera: "south", severity: "critical", active: false }),
    anAlert({ id: "5", camera: "south", severity: "medium" }),
    anAlert({ id: "6", camera: null, severity: "high" }),
  ]);
  expect([...worst]).toEqual([["nga-tu-1/north", "critical"], ["nga-tu-1/south", "medium"]]);
});
