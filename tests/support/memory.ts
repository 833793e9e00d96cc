import { readFileSync } from 'node:fs';

/** Samples the resident memory of a process ten times a second, in MiB, until `stop`. */
export function residentMemory(pid: number): { stop(): number[] } {
  const samples: number[] = [];
  const timer = setInterval(() => {
    try {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8');
      const kib = /VmRSS:\s+(\d+)/.exec(status)?.[1];
      if (kib !== undefined) samples.push(Number(kib) / 1024);
    } catch {
      // It has ended.
    }
  }, 100);
  return {
    stop() {
      clearInterval(timer);
      return samples;
    },
  };
}
