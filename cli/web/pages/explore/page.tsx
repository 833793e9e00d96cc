import '../../styles/explore.css';
import { useMemo, useState } from 'preact/hooks';
import type { ProjectRelation } from '../../../serve/ui/shapes.ts';
import { formatNumber } from '../../app/format.ts';
import { texts } from '../../app/language.ts';
import type { PageProps } from '../../app/page-props.ts';
import { project } from '../../app/project.ts';
import { go, query } from '../../app/router.ts';
import { Failure, Loading } from '../../parts/states.tsx';
import type { Shown } from './cell.tsx';
import { CodeBar } from './code-bar.tsx';
import { ColumnMenu } from './column-menu.tsx';
import { shownColumns, viewHref } from './columns.ts';
import { DownloadMenu } from './download-menu.tsx';
import { Filters } from './filters.tsx';
import { GroupMenu } from './group-menu.tsx';
import { Pager } from './pager.tsx';
import { Relations } from './relations.tsx';
import { maxScrolled, type Rows } from './rows.ts';
import { Table } from './table.tsx';
import { useRows } from './use-rows.ts';
import { isFigure, sortedBy, type View } from './view.ts';
import { readView } from './view-query.ts';
import { Whole } from './whole.tsx';

/** The table that the path names, or all of them to choose from. */
export function Page({ rest }: PageProps) {
  const { app, explore } = texts.value;
  const { relations } = project.value!;
  if (relations.length === 0)
    return (
      <div class="notice">
        <h1>{explore.empty}</h1>
        <p>{explore.emptyHint}</p>
      </div>
    );
  if (rest === '')
    return (
      <div class="explore-all">
        <h1>{app.explore}</h1>
        <Relations />
      </div>
    );
  const relation = relations.find(({ schema, name }) => `${schema}.${name}` === rest);
  return (
    <div class="explore">
      <Relations {...(relation && { current: relation })} />
      {relation ? (
        <Explorer key={rest} relation={relation} />
      ) : (
        <div class="notice">
          <h1>{explore.notThere(rest)}</h1>
          <a href="/ui/explore">{explore.all}</a>
        </div>
      )}
    </div>
  );
}

function Explorer({ relation }: { readonly relation: ProjectRelation }) {
  const { explore } = texts.value;
  const { view, ignored } = useMemo(() => readView(query.value, relation), [query.value, relation]);
  const shown = useRows(view, relation);
  const show = (next: View) => go(viewHref(next, relation));
  const [trouble, setTrouble] = useState<unknown>();
  return (
    <div class="explorer">
      <header>
        <a class="back" href="/ui/explore">
          ← {explore.all}
        </a>
        <h1>{relation.name}</h1>
        {relation.description && <p class="dim">{relation.description}</p>}
      </header>
      <Filters view={view} relation={relation} show={show} />
      <div class="explore-tools">
        {!view.group && <ColumnMenu view={view} relation={relation} show={show} />}
        <GroupMenu view={view} relation={relation} show={show} />
        <DownloadMenu view={view} relation={relation} onError={setTrouble} />
        {shown && <Pager view={view} state={shown.rows.state.value} show={show} />}
      </div>
      {ignored.length > 0 && (
        <p class="ignored-parts" role="status">
          {explore.ignored} <code>{ignored.join('&')}</code>
        </p>
      )}
      {trouble !== undefined && <Failure error={trouble} />}
      {shown ? <Result {...shown} view={view} show={show} /> : <Loading />}
      <CodeBar view={view} relation={relation} />
    </div>
  );
}

function Result({
  view,
  rows,
  isBusy,
  show,
}: {
  /** The view that is wanted; until its rows come, those of another are shown. */
  readonly view: View;
  readonly rows: Rows;
  readonly isBusy: boolean;
  readonly show: (view: View) => void;
}) {
  const { explore } = texts.value;
  const { relation, view: shown } = rows;
  const { count, error, isReady, isCut, total } = rows.state.value;
  const [whole, setWhole] = useState<Shown>();
  return (
    <>
      {error !== undefined && <Failure error={error} retry={rows.refresh} />}
      {isCut && <p class="dim">{explore.cut(formatNumber(shown.group ? count : maxScrolled))}</p>}
      {shown.group && shown.sort.some(({ by }) => isFigure(by)) && <p class="dim">{explore.sortedHere}</p>}
      <Table
        rows={rows}
        isBusy={isBusy}
        sort={view.sort}
        onSort={(by, adds) => {
          // Heads of groups that are on their way out, or of rows.
          if ((shown.group === null) === (view.group === null)) show(sortedBy(view, by, adds));
        }}
        onShow={setWhole}
      />
      {isReady && count === 0 && error === undefined && (
        <p class="dim" role="status">
          {shown.offset > 0 && total !== 0
            ? explore.noRowsHere
            : shown.filters.length > 0
              ? explore.noRowsFiltered
              : explore.noRows}
        </p>
      )}
      {whole && (
        <Whole
          shown={whole}
          columns={shownColumns(shown, relation)}
          relation={relation}
          isGrouped={shown.group !== null}
          onClose={() => setWhole(undefined)}
        />
      )}
    </>
  );
}
