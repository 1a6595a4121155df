/** Short messages about what the operator just did: shown below, read aloud, gone by themselves. */

export interface Notice {
  id: number;
  text: string;
  isTrouble: boolean;
}

class Notices {
  list = $state<Notice[]>([]);
  #next = 1;

  say(text: string, isTrouble = false): void {
    const notice = { id: this.#next++, text, isTrouble };
    this.list = [...this.list.slice(-2), notice];
    setTimeout(() => this.drop(notice.id), isTrouble ? 10_000 : 5_000);
  }

  drop(id: number): void {
    this.list = this.list.filter((notice) => notice.id !== id);
  }
}

export const notices = new Notices();
