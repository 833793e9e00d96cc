import { useEffect, useRef, useState } from 'preact/hooks';
import type { ProjectRelation } from '../../../serve/ui/shapes.ts';
import { formatNumber } from '../../app/format.ts';
import { texts } from '../../app/language.ts';
import { project } from '../../app/project.ts';
import { Popover } from '../../parts/popover.tsx';
import { saveText } from '../../parts/save.ts';
import { type FileFormat, mediaTypes, readWhole } from './download.ts';
import type { View } from './view.ts';

/** Takes all rows of the view along, not only those that are shown. */
export function DownloadMenu({
  view,
  relation,
  onError,
}: {
  readonly view: View;
  readonly relation: ProjectRelation;
  readonly onError: (error: unknown) => void;
}) {
  const { explore } = texts.value;
  const [rows, setRows] = useState<number>();
  const reading = useRef<AbortController | undefined>(undefined);
  useEffect(() => () => reading.current?.abort(), []);
  const save = async (format: FileFormat) => {
    const controller = new AbortController();
    reading.current = controller;
    setRows(0);
    onError(undefined);
    try {
      const maxRows = project.value?.maxRows ?? null;
      const text = await readWhole(view, relation, format, maxRows, controller.signal, setRows);
      saveText(text, `${relation.name}.${format}`, mediaTypes[format]);
    } catch (error) {
      if (!controller.signal.aborted) onError(error);
    }
    if (reading.current === controller) setRows(undefined);
  };
  if (rows !== undefined)
    return (
      <span class="downloading">
        <span role="status">{explore.downloading(formatNumber(rows))}</span>
        <button type="button" onClick={() => reading.current?.abort()}>
          {explore.stop}
        </button>
      </span>
    );
  return (
    <Popover button={explore.download} label={explore.download}>
      {(close) =>
        (['csv', 'json'] as const).map((format) => (
          <button
            key={format}
            type="button"
            class="plain"
            onClick={() => {
              close();
              void save(format);
            }}
          >
            {format.toUpperCase()}
          </button>
        ))
      }
    </Popover>
  );
}
