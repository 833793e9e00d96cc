/** A column's name in `select` and `order` of the API, where some characters have a meaning. */
export function identifier(name: string): string {
  return /^[\p{L}_][\p{L}\p{N}_]*$/u.test(name) ? name : quote(name);
}

/** A name or a value of a list in quotes: every character is itself there. */
export function quote(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
