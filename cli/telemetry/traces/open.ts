import type { TraceOptions } from '../../config/options.js';
import type { Tracing } from './tracing.js';

/**
 * Opens what is configured. OpenTelemetry is imported only then: without it nothing is paid.
 * @param onTrouble told once, until traces can be sent again
 */
export async function openTracing(
  options: TraceOptions | undefined,
  onTrouble: (message: string) => void,
): Promise<Tracing | undefined> {
  if (!options) return undefined;
  const { startTracing } = await import('./start.js');
  return startTracing(options, onTrouble);
}
