/**
 * Turns Ctrl-C and SIGTERM into an abort signal. A second one leaves at once: whatever is under way is cleaned up by the next run.
 * @param tell called at the first one
 */
export function interruptSignal(tell: () => void): { readonly signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const stop = () => {
    if (controller.signal.aborted) {
      // The cursor may be hidden.
      if (process.stdout.isTTY) process.stdout.write('\u001b[?25h');
      process.exit(130);
    }
    tell();
    controller.abort();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return {
    signal: controller.signal,
    release() {
      process.off('SIGINT', stop);
      process.off('SIGTERM', stop);
    },
  };
}
