import type { Argv } from 'yargs';
import { discardOpenPlan } from '../build/planned/discard.js';
import { readOpenPlan } from '../build/planned/stored-plan.js';
import { noOpenPlan, withPlans } from '../build/planned/with-plans.js';
import { loadOptions } from '../config/load.js';
import { MedallionError, redact, redactedJson } from '../errors/index.js';
import { afterPlan, planLines } from '../report/plan.js';
import { capabilities, makeStyle, tableWidth } from '../report/style.js';
import { withoutControls } from '../text/controls.js';
import { commandLine, projectWords } from './command-line.js';
import { buildFlags, overridesOf } from './flags.js';
import { type RunArguments, runEngine } from './run-engine.js';

export const builder = (yargs: Argv) =>
  yargs
    .positional('models', { type: 'string', array: true, describe: 'The same as --select' })
    .options({
      ...buildFlags,
      load: {
        type: 'boolean',
        default: false,
        describe: 'Load first; without it, on the bronze that is there',
      },
      samples: { type: 'number', default: 3, describe: 'Changed rows to show of each column, at most' },
      show: { type: 'boolean', default: false, describe: 'Show the open plan again, as it was made' },
      discard: { type: 'boolean', default: false, describe: 'Drop the open plan with what it staged' },
    })
    .example('mdl plan', 'what publishing would change; then: mdl publish')
    .example('mdl plan gold.* --samples 10', 'one layer, with more rows of each difference')
    .example('mdl plan --discard', 'never mind');

interface Arguments extends Omit<RunArguments, 'samples'> {
  readonly load: boolean;
  readonly samples: number;
  readonly show: boolean;
  readonly discard: boolean;
}

export async function handler(args: Arguments): Promise<void> {
  if (!Number.isSafeInteger(args.samples) || args.samples < 0 || args.samples > 1000)
    throw new MedallionError('MDL1004', { message: '--samples takes a whole number from 0 to 1000.' });
  if (args.show && args.discard)
    throw new MedallionError('MDL1004', { message: '--show and --discard do not go together.' });
  if (args.discard) await discard(args);
  else if (args.show) await show(args);
  else {
    let isRefused = false;
    await runEngine('plan', { load: args.load, models: true }, args, (event) => {
      if (event.event === 'plan.made') isRefused = event.refusals.length > 0;
    });
    // The run went well; whoever goes by the exit code must not take the plan for one that can be published.
    if (isRefused) process.exitCode ||= 1;
  }
}

async function discard(args: Arguments): Promise<void> {
  const options = await loadOptions(args.projectDir, overridesOf(args));
  const runId = await discardOpenPlan(options, () => {});
  process.stdout.write(
    args.json
      ? `${JSON.stringify({ discarded: runId })}\n`
      : `The plan of run ${runId} is discarded. Nothing was published.\n`,
  );
}

async function show(args: Arguments): Promise<void> {
  const options = await loadOptions(args.projectDir, overridesOf(args));
  const stored = await withPlans(options, async (sql) => {
    const found = await readOpenPlan(sql, options.name);
    if (!found) throw await noOpenPlan(sql, options.name);
    return found;
  });
  const { models, refusals } = stored.plan;
  const made = { runId: stored.runId, madeAt: stored.madeAt.toISOString(), models, refusals };
  const able = capabilities(process.stdout, process.env);
  const table = { width: tableWidth(process.stdout, able), style: makeStyle(able.color) };
  process.stdout.write(
    args.json
      ? `${redactedJson(made)}\n`
      : `${redact([...planLines(withoutControls(made), table).slice(1), '', table.style.dim(afterPlan((...words) => commandLine(...words, ...projectWords(args))))].join('\n'))}\n`,
  );
}
