/** A plan of what lies around a place: the nearest cameras, in metres to the east and south of it. Pure, and without a map. */

import type { Camera } from "../lib/api/types";
import { metresBetween } from "./order";

interface Place {
  lat: number;
  lon: number;
}
export interface Spot {
  /** The names of the cameras that stand here. */
  names: string[];
  /** Metres to the east and to the south of the middle. */
  east: number;
  south: number;
  /** Metres from the middle. */
  away: number;
}
export interface Plan {
  /** Metres from the middle to the edge. */
  reach: number;
  /** The nearest first. */
  spots: Spot[];
}

/** Cameras closer together than this stand on one mast, or look so: one spot, metres. */
const ONE_SPOT_M = 20;
const MOST_SPOTS = 5;
/** Cameras further away say nothing about the place, metres. */
const FURTHEST_M = 2000;
const REACHES = [100, 200, 500, 1000, FURTHEST_M] as const;

/** What lies around `place`; null when no camera is near enough. */
export function planAround(place: Place, cameras: readonly Camera[]): Plan | null {
  const near = cameras
    .flatMap((camera) => (camera.place ? [{ camera, place: camera.place, away: metresBetween(place, camera.place) }] : []))
    .filter((one) => one.away <= FURTHEST_M)
    .sort((a, b) => a.away - b.away);
  const spots: (Spot & { place: Place })[] = [];
  for (const one of near) {
    const name = one.camera.name || one.camera.id;
    const same = spots.find((spot) => metresBetween(spot.place, one.place) < ONE_SPOT_M);
    if (same) same.names.push(name);
    else if (spots.length < MOST_SPOTS) spots.push({ names: [name], place: one.place, away: one.away, ...offset(place, one.place) });
  }
  const furthest = spots.at(-1);
  if (furthest === undefined) return null;
  const reach = REACHES.find((metres) => metres >= furthest.away) ?? FURTHEST_M;
  return { reach, spots: spots.map(({ names, east, south, away }) => ({ names, east, south, away })) };
}

function offset(from: Place, to: Place): { east: number; south: number } {
  const east = metresBetween({ lat: from.lat, lon: from.lon }, { lat: from.lat, lon: to.lon });
  const south = metresBetween({ lat: from.lat, lon: from.lon }, { lat: to.lat, lon: from.lon });
  return { east: to.lon < from.lon ? -east : east, south: to.lat < from.lat ? south : -south };
}

/** Coordinates as people pass them on: degrees north and east, five decimals, about one metre. */
export function coordinates({ lat, lon }: Place): string {
  return `${lat.toFixed(5)}, ${lon.toFixed(5)}`;
}
