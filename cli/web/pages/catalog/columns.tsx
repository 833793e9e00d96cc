import { useEffect, useRef } from 'preact/hooks';
import type { CatalogColumn, NodeKind } from '../../../serve/ui/catalog/shapes.ts';
import { texts } from '../../app/language.ts';
import { query } from '../../app/router.ts';
import { columnHref, columnLineageHref } from '../../parts/catalog/names.ts';

/** The columns of a node; the one that the URL names is marked: `?column=receita`. */
export function Columns({
  name,
  kind,
  columns,
}: {
  readonly name: string;
  readonly kind: NodeKind;
  readonly columns: readonly CatalogColumn[];
}) {
  const { catalog: text } = texts.value;
  const marked = query.value.get('column');
  // Of a source only names are known.
  const isKnown = columns.some(({ type, description, tests }) => type ?? description ?? tests[0]);
  const row = useRef<HTMLTableRowElement>(null);
  useEffect(() => {
    row.current?.scrollIntoView({ block: 'center' });
  }, [marked]);
  return (
    <section class="panel wide" aria-labelledby="columns">
      <h2 id="columns">{text.columns}</h2>
      <table class="columns-table">
        <thead>
          <tr>
            <th scope="col">{text.column}</th>
            {isKnown && (
              <>
                <th scope="col">{text.type}</th>
                <th scope="col">{text.description}</th>
                <th scope="col">{text.tests}</th>
              </>
            )}
            {kind !== 'source' && <th scope="col">{text.from}</th>}
          </tr>
        </thead>
        <tbody>
          {columns.map((column) => (
            <tr
              key={column.name}
              ref={column.name === marked ? row : undefined}
              class={column.name === marked ? 'marked' : undefined}
            >
              <th scope="row">
                <a
                  href={columnLineageHref({ node: name, column: column.name })}
                  title={text.columnLineage(column.name)}
                >
                  <code>{column.name}</code>
                </a>
                {column.isKey && <span class="tag">{text.isKey}</span>}
              </th>
              {isKnown && (
                <>
                  <td data-label={text.type}>
                    {column.type ? <code>{column.type}</code> : '–'}
                    {column.isNullable === false && <span class="dim"> not null</span>}
                  </td>
                  <td data-label={text.description}>{column.description ?? <span class="dim">–</span>}</td>
                  <td data-label={text.tests}>
                    {column.tests.length > 0 ? column.tests.join(', ') : <span class="dim">–</span>}
                  </td>
                </>
              )}
              {kind !== 'source' && (
                <td data-label={text.from}>
                  <From column={column} />
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function From({ column: { from, isPassedOn } }: { readonly column: CatalogColumn }) {
  const { catalog: text } = texts.value;
  if (from === null) return <span class="dim">{text.fromUnknown}</span>;
  if (from.length === 0) return <span class="dim">{text.fromNothing}</span>;
  return (
    <ul class="sources">
      {from.map((source) => (
        <li key={`${source.node} ${source.column}`}>
          <a href={columnHref(source)}>
            <code>
              {source.node}.{source.column}
            </code>
          </a>
        </li>
      ))}
      <li class="dim">{isPassedOn ? text.passedOn : text.computed}</li>
    </ul>
  );
}
