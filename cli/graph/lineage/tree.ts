/**
 * Postgres's parse tree as libpg-query gives it: each node is an object with one key, its kind; fields of a fixed kind are without it.
 * @see https://github.com/pganalyze/libpg_query/blob/18-latest/protobuf/pg_query.proto
 */
export type Node = Fields;
// biome-ignore lint/suspicious/noExplicitAny: which fields there are, and of what, depends on the kind of the node
export type Fields = Readonly<Record<string, any>>;

/** Kind and fields of a node. */
export function open(node: Node): readonly [kind: string, fields: Fields] {
  for (const kind in node) return [kind, node[kind]];
  return ['', {}];
}

/** The texts of a list of `String` nodes; anything else among them is left out. */
export function texts(nodes: readonly Node[] | undefined): string[] {
  return (nodes ?? []).flatMap(({ String: text }) => (text ? [text.sval ?? ''] : []));
}

/** The nodes next below, whatever lists and fields of a fixed kind lie between; names of types hold nothing that is computed. */
export function nodesBelow(fields: unknown): Node[] {
  const nodes: Node[] = [];
  addNodesBelow(fields, nodes);
  return nodes;
}

function addNodesBelow(fields: unknown, nodes: Node[]): void {
  if (typeof fields !== 'object' || fields === null) return;
  if (Array.isArray(fields)) {
    for (const part of fields) addNodesBelow(part, nodes);
    return;
  }
  for (const key in fields) {
    const part = (fields as Fields)[key];
    if (typeof part !== 'object' || key === 'typeName') continue;
    // The kinds of nodes begin with a capital, fields do not.
    if (key.charCodeAt(0) < 91) nodes.push({ [key]: part });
    else addNodesBelow(part, nodes);
  }
}

/** `current_date` and its like, which Postgres reads as a node of their own. */
export function nameOfValueFunction({ op }: Fields): string | undefined {
  return /^SVFOP_(.*?)(_N)?$/.exec(op)?.[1]?.toLowerCase();
}

export const isStar = (node: Node | undefined) => node !== undefined && 'A_Star' in node;
