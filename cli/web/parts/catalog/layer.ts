/** The colour of a layer by its place: the first is bronze, the last gold. */
export function layerClass(layer: string | null, layers: readonly string[]): string {
  const at = layer === null ? -1 : layers.indexOf(layer);
  if (at < 0) return 'of-none';
  return at === 0 ? 'of-bronze' : at === layers.length - 1 ? 'of-gold' : 'of-silver';
}
