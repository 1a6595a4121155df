/** Dark, light, or as the system says. Dark is the default: control rooms are dim. */

import { recall, remember } from "../lib/remember";

export const THEMES = ["dark", "light", "system"] as const;
export type Theme = (typeof THEMES)[number];

class ThemeInForce {
  chosen = $state<Theme>(recall("theme", THEMES, "dark"));

  use(theme: Theme): void {
    this.chosen = theme;
    remember("theme", theme);
    this.apply();
  }

  apply(): void {
    document.documentElement.dataset["theme"] = this.chosen;
  }
}

export const theme = new ThemeInForce();
