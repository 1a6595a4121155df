import { expect, test } from "vitest";
import { askOnce } from "./once";

/** A question that is answered when the test says so. */
function question() {
  const waiting: { answer: () => void; fail: () => void }[] = [];
  let asked = 0;
  return {
    ask: () => {
      asked += 1;
      return new Promise<void>((answer, fail) => waiting.push({ answer, fail: () => fail(new Error("away")) }));
    },
    asked: () => asked,
    last: () => {
      const last = waiting.at(-1);
      if (!last) throw new Error("nothing was asked");
      return last;
    },
  };
}
const settled = () => new Promise((done) => setTimeout(done, 0));

test("nothing is asked before somebody needs it, and everything once", async () => {
  const [one, other] = [question(), question()];
  const load = askOnce(one.ask, other.ask);
  expect([one.asked(), other.asked()]).toEqual([0, 0]);
  load();
  load();
  one.last().answer();
  await settled();
  load();
  expect([one.asked(), other.asked()]).toEqual([1, 1]);
});

test("what failed is asked again, and what was answered is not", async () => {
  const [one, other] = [question(), question()];
  const load = askOnce(one.ask, other.ask);
  load();
  one.last().answer();
  other.last().fail();
  await settled();
  load();
  expect([one.asked(), other.asked()]).toEqual([1, 2]);
  other.last().answer();
  await settled();
  load();
  expect([one.asked(), other.asked()]).toEqual([1, 2]);
});
