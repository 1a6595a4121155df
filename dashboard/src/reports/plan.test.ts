import { expect, test } from "vitest";
import type { Camera } from "../lib/api/types";
import { coordinates, planAround } from "./plan";

const here = { lat: 20, lon: 106 };
/** A degree of latitude is 111.19 km on a sphere. */
const north = (metres: number) => ({ lat: 20 + metres / 111_195, lon: 106 });
const camera = (id: string, place: { lat: number; lon: number } | null) => ({ id, name: id, place }) as unknown as Camera;

test("the nearest cameras stand where they are, those of one mast together", () => {
  const plan = planAround(here, [
    camera("far", north(-150)),
    camera("mast a", north(60)),
    camera("mast b", north(70)),
    camera("nowhere", null),
    camera("another town", north(90_000)),
  ]);
  expect(plan?.reach).toBe(200);
  expect(plan?.spots.map((spot) => spot.names)).toEqual([["mast a", "mast b"], ["far"]]);
  expect(plan?.spots.map((spot) => Math.round(spot.south))).toEqual([-60, 150]);
  expect(plan?.spots.every((spot) => Math.abs(spot.east) < 0.01)).toBe(true);
});

test("west is to the left, and what is near enough to draw stays within the plan", () => {
  const plan = planAround(here, [camera("west", { lat: 20, lon: 105.995 })]);
  expect(plan?.reach).toBe(1000);
  expect(plan?.spots[0]?.east).toBeCloseTo(-522, -1);
  for (const spot of plan?.spots ?? []) expect(Math.hypot(spot.east, spot.south)).toBeLessThanOrEqual(plan?.reach ?? 0);
});

test("without a camera near there is no plan, and the coordinates are there all the same", () => {
  expect(planAround(here, [camera("another town", north(90_000))])).toBeNull();
  expect(coordinates({ lat: 20.4463, lon: 106.3366 })).toBe("20.44630, 106.33660");
});
