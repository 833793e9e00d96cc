export interface Token {
  readonly kind: 'keyword' | 'text' | 'number' | 'comment' | 'template' | 'plain';
  readonly text: string;
}

/** Words that carry the shape of a query; names of functions and columns stay as they are. */
const keywords = new Set(
  `all and any array as asc between by case cast coalesce create cross current day delete desc distinct else end except exists extract false
  filter first following for from full group grouping having if in inner insert intersect interval into is join last lateral left like limit
  materialized natural not null nulls offset on or order outer over partition preceding range recursive right row rows select set sets similar
  some table then to true unbounded union unnest update using values view when where window with within without`.split(
    /\s+/,
  ),
);

/** Templates first: what Handlebars makes may stand anywhere, also in strings. Dollar quotes end with the tag that they begin with. */
const parts =
  /(?<template>\{\{[\s\S]*?\}\})|(?<comment>--[^\n]*|\/\*[\s\S]*?\*\/)|(?<text>'(?:[^']|'')*'|\$(?<tag>[a-z_]*)\$[\s\S]*?\$\k<tag>\$)|(?<quoted>"(?:[^"]|"")*")|(?<number>\b\d+(?:\.\d+)?\b)|(?<word>[\p{L}_][\p{L}\p{N}_$]*)/giu;

/** Takes SQL apart for its colours, nothing more: what is not understood stays plain, and all texts together are the whole again. */
export function tokensOf(sql: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  for (const found of sql.matchAll(parts)) {
    const { template, comment, text, number, word } = found.groups!;
    const kind = template
      ? 'template'
      : comment
        ? 'comment'
        : text
          ? 'text'
          : number
            ? 'number'
            : word && keywords.has(word.toLowerCase())
              ? 'keyword'
              : null;
    if (kind === null) continue;
    if (found.index > at) tokens.push({ kind: 'plain', text: sql.slice(at, found.index) });
    tokens.push({ kind, text: found[0] });
    at = found.index + found[0].length;
  }
  if (at < sql.length) tokens.push({ kind: 'plain', text: sql.slice(at) });
  return tokens;
}
