import { useEffect, useRef, useState } from 'preact/hooks';
import type { ProjectRelation } from '../../../serve/ui/shapes.ts';
import { apiKey } from '../../app/http.ts';
import { project, publishes } from '../../app/project.ts';
import { viewHref } from './columns.ts';
import { openRows, type Rows } from './rows.ts';
import type { View } from './view.ts';

/**
 * The rows of a view; until its first are there, those of the view before.
 * @returns undefined at first
 */
export function useRows(
  view: View,
  relation: ProjectRelation,
): { readonly rows: Rows; readonly isBusy: boolean } | undefined {
  const [opened, setOpened] = useState<{ readonly now: Rows; readonly before: Rows | undefined }>();
  // A publish may bring other columns.
  const shape = JSON.stringify([relation.columns, relation.primaryKey, relation.foreignKeys]);
  const key = `${viewHref(view, relation)} ${project.value?.maxRows} ${apiKey.value} ${shape}`;
  useEffect(() => {
    const now = openRows(view, relation, project.value?.maxRows ?? null);
    setOpened((last) => ({ now, before: last?.now.state.value.isReady ? last.now : last?.before }));
    return () => now.close();
  }, [key]);
  const seen = useRef(publishes.value);
  useEffect(() => {
    if (seen.current === publishes.value) return;
    seen.current = publishes.value;
    opened?.now.refresh();
  }, [publishes.value]);
  if (!opened) return undefined;
  const { now, before } = opened;
  return now.state.value.isReady || !before
    ? { rows: now, isBusy: !now.state.value.isReady }
    : { rows: before, isBusy: true };
}
