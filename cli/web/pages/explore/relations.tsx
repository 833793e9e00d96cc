import { useId, useState } from 'preact/hooks';
import type { ProjectRelation } from '../../../serve/ui/shapes.ts';
import { texts } from '../../app/language.ts';
import { project } from '../../app/project.ts';
import { viewHref } from './columns.ts';
import { wholeView } from './view.ts';

/** The tables that can be looked at, to choose from. */
export function Relations({ current }: { readonly current?: ProjectRelation }) {
  const { explore } = texts.value;
  const id = useId();
  const [wanted, setWanted] = useState('');
  const all = project.value?.relations ?? [];
  const found = all.filter((relation) => isFound(relation, wanted));
  const schemas = [...new Set(all.map(({ schema }) => schema))];
  return (
    <nav class="relations" aria-label={explore.tables}>
      <label class="hidden" for={id}>
        {explore.search}
      </label>
      <input
        id={id}
        type="search"
        placeholder={explore.search}
        value={wanted}
        onInput={({ currentTarget: { value } }) => setWanted(value)}
      />
      {found.length === 0 && (
        <p class="dim" role="status">
          {explore.noneFound}
        </p>
      )}
      {schemas.map((schema) => {
        const own = found.filter((relation) => relation.schema === schema);
        if (own.length === 0) return null;
        return (
          <section key={schema} aria-label={schema}>
            {schemas.length > 1 && <h2>{schema}</h2>}
            <ul>
              {own.map((relation) => (
                <li key={relation.name}>
                  <a
                    href={viewHref(wholeView, relation)}
                    aria-current={
                      relation.schema === current?.schema && relation.name === current.name
                        ? 'page'
                        : undefined
                    }
                  >
                    <strong>{relation.name}</strong>
                    <span class="dim">
                      {relation.description ?? explore.columnCount(relation.columns.length)}
                    </span>
                  </a>
                </li>
              ))}
            </ul>
          </section>
        );
      })}
    </nav>
  );
}

/** Every word stands in its name, its description or the name of a column. */
function isFound({ schema, name, description, columns }: ProjectRelation, wanted: string): boolean {
  const own = plain(
    [`${schema}.${name}`, description ?? '', ...columns.map((column) => column.name)].join('\n'),
  );
  return plain(wanted)
    .split(/\s+/)
    .every((word) => own.includes(word));
}

/** Without accents and capitals. */
function plain(text: string): string {
  return text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase();
}
