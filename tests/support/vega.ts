import { fileURLToPath } from 'node:url';

/** Path of a file of the package vega-datasets: real data, in real formats. */
export const vegaFile = (name: string): string =>
  fileURLToPath(new URL(`../../node_modules/vega-datasets/data/${name}`, import.meta.url));
