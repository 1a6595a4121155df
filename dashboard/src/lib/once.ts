/** Asks for something that rarely changes once for the life of the page. */

/**
 * A function that begins all `questions` when it is called first, and later only those that failed. Each keeps its answer by
 * itself; a failure is no trouble to anybody: what the answer would have named is shown by its id, and it is asked again at
 * the next call.
 */
export function askOnce(...questions: (() => Promise<void>)[]): () => void {
  const due = new Set(questions);
  return () => {
    for (const ask of [...due]) {
      due.delete(ask);
      ask().catch(() => due.add(ask));
    }
  };
}
