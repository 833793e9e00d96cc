let last: Promise<unknown> = Promise.resolve();

/** Does work when that which was given before is done: charts are drawn one by one, and the page answers in between. */
export function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
  const result = last.then(pause).then(work);
  last = result.catch(() => {});
  return result;
}

/** Lets the browser paint, and take what was clicked or typed meanwhile. */
export function pause(): Promise<void> {
  const { scheduler } = window as { scheduler?: { yield?: () => Promise<void> } };
  return scheduler?.yield?.() ?? new Promise((resume) => setTimeout(resume));
}
