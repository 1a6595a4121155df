/** Windows of ten minutes as bars. Pure. */

/** EEMUA 191: at most one alert per operator in ten minutes on average can be followed. */
export const MANAGEABLE = 1;
/** EEMUA 191, ISA-18.2: more than ten in ten minutes are a flood. */
export const FLOOD = 10;
/** ISA-18.2: at most this share of the time in floods. */
export const FLOOD_SHARE = 0.01;
/** The axis ends here at the latest; what is higher is cut off and written down. */
const TOP = 30;
const LEAST_TOP = 12;
export const WINDOW_MS = 600_000;

export interface Bar {
  /** Milliseconds after the begin. */
  fromMs: number;
  /** The worst window within the bar, alerts per operator. */
  worst: number;
}

/** At most so many bars: each is the worst of its windows, because a mean would hide the flood. */
export function bars(counts: readonly number[], operators: number, most: number): Bar[] {
  const each = Math.max(1, Math.ceil(counts.length / Math.max(1, most)));
  const result: Bar[] = [];
  for (let i = 0; i < counts.length; i += each) {
    const worst = Math.max(...counts.slice(i, i + each)) / Math.max(1, operators);
    result.push({ fromMs: i * WINDOW_MS, worst });
  }
  return result;
}

/** Where the axis ends. */
export function axisTop(all: readonly Bar[]): number {
  const highest = all.reduce((most, bar) => Math.max(most, bar.worst), 0);
  return Math.min(TOP, Math.max(LEAST_TOP, Math.ceil(highest)));
}

/** How bad a bar is. */
export const levelOf = (worst: number): "calm" | "busy" | "flood" =>
  worst > FLOOD ? "flood" : worst > MANAGEABLE ? "busy" : "calm";
