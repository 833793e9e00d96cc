import { formatNumber } from '../../app/format.ts';

export interface Tick {
  /** From 0 to 1 of the whole. */
  readonly at: number;
  readonly text: string;
}

const minuteSteps = [60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400];

/** Seconds from the beginning, at round numbers: about as many as there is room for. */
export function axisTicks(totalMs: number, room: number): readonly Tick[] {
  const seconds = totalMs / 1000;
  if (seconds <= 0) return [];
  const step = roundStep(seconds / Math.max(1, room));
  const digits = Math.max(0, -Math.floor(Math.log10(step)));
  const ticks: Tick[] = [];
  for (let i = 0; i * step <= seconds; i++) {
    const at = i * step;
    // A number at the very end would be cut off.
    const hasRoom = (1 - at / seconds) * room > 0.6;
    ticks.push({ at: at / seconds, text: hasRoom ? tickText(at, step, digits) : '' });
  }
  return ticks;
}

/** 1, 2 or 5 of a power of ten; from a minute on what clocks show. */
function roundStep(least: number): number {
  if (least > 30) return minuteSteps.find((step) => step >= least) ?? Math.ceil(least / 86_400) * 86_400;
  const power = 10 ** Math.floor(Math.log10(least));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= least * 0.999)! * power;
  return step > 20 ? 30 : step;
}

function tickText(seconds: number, step: number, digits: number): string {
  const unit = (value: number, name: string, fraction = 0) =>
    formatNumber(value, {
      style: 'unit',
      unit: name,
      unitDisplay: 'short',
      minimumFractionDigits: fraction,
      maximumFractionDigits: fraction,
    });
  if (seconds === 0 || step < 60) return unit(seconds, 'second', seconds === 0 ? 0 : digits);
  return step < 3600 ? unit(seconds / 60, 'minute') : unit(seconds / 3600, 'hour');
}
