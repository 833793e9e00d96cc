/** The first line of each TypeScript file that is generated: what lacks it is not ours. */
export const header = '// Written by mdl generate from what is published; change the models instead.';

/** A text as a TypeScript literal. */
export function literal(text: string): string {
  const quoted = JSON.stringify(text);
  return text.includes("'") && !text.includes('"')
    ? quoted
    : `'${quoted.slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}

/** A name as a key of an object. */
export function key(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : literal(name);
}

/** A description as the lines of a docstring; none where there is none. */
export function docstring(description: string | undefined): string[] {
  const lines = (description ?? '')
    .trim()
    .replaceAll('*/', '*\\/')
    .split(/\r\n|[\r\n\u2028\u2029]/);
  if (lines.length === 1) return lines[0] === '' ? [] : [`/** ${lines[0]} */`];
  return ['/**', ...lines.map((line) => ` * ${line}`.trimEnd()), ' */'];
}

export function indent(lines: readonly string[]): string[] {
  return lines.map((line) => (line === '' ? '' : `  ${line}`));
}

/** `name: { ... };` around the lines of its members. */
export function block(name: string, members: readonly string[]): string[] {
  return members.length === 0
    ? [`${key(name)}: Record<never, never>;`]
    : [`${key(name)}: {`, ...indent(members), '};'];
}

/** Alternatives as one type. */
export function union(types: readonly string[]): string {
  return types.length === 0 ? 'never' : types.join(' | ');
}

/** Sorts names the same way on every machine. */
export function byText(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
