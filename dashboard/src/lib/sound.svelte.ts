/** The sound that calls somebody to the screen, and the switch for it. Made by the browser: nothing is fetched. */

import { recall, remember } from "./remember";

/** Two tones, the second higher: pitch in Hz, begin and length in seconds. */
const TONES = [
  { hz: 660, at: 0, for: 0.22 },
  { hz: 880, at: 0.26, for: 0.34 },
] as const;
const LOUDNESS = 0.25;
/** A tone that begins or ends at once clicks. */
const FADE_S = 0.02;

class Sound {
  isOn = $state(recall("sound", ["on", "off"], "on") === "on");
  /** The browser lets nothing sound before somebody has touched the page. */
  isHeldBack = $state(false);
  #context: AudioContext | null = null;

  switch(isOn: boolean): void {
    this.isOn = isOn;
    remember("sound", isOn ? "on" : "off");
    if (!isOn) this.isHeldBack = false;
  }

  /** Sounds once, if it is switched on. */
  play(): void {
    if (!this.isOn) return;
    try {
      this.#context ??= new AudioContext();
    } catch {
      // A machine without sound: what is written stays on the screen.
      return;
    }
    const context = this.#context;
    if (context.state === "running") {
      this.#tones(context);
      return;
    }
    this.isHeldBack = true;
    void context.resume().then(
      () => {
        if (this.isHeldBack && this.isOn) this.#tones(context);
        this.isHeldBack = false;
      },
      () => {},
    );
  }

  /** Somebody touched the page: what was held back may sound. */
  touched(): void {
    if (this.isHeldBack) void this.#context?.resume();
  }

  #tones(context: AudioContext): void {
    const begin = context.currentTime;
    for (const tone of TONES) {
      const [from, to] = [begin + tone.at, begin + tone.at + tone.for];
      const oscillator = context.createOscillator();
      const gain = context.createGain();
      oscillator.frequency.value = tone.hz;
      gain.gain.setValueAtTime(0, from);
      gain.gain.linearRampToValueAtTime(LOUDNESS, from + FADE_S);
      gain.gain.setValueAtTime(LOUDNESS, to - FADE_S);
      gain.gain.linearRampToValueAtTime(0, to);
      oscillator.connect(gain).connect(context.destination);
      oscillator.start(from);
      oscillator.stop(to);
    }
  }
}

export const sound = new Sound();
