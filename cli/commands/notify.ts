import type { Argv } from 'yargs';
import { loadOptions } from '../config/load.js';
import { MedallionError } from '../errors/index.js';
import { chooseChannels, deliverTest } from '../notify/notify-test.js';
import { capabilities, makeStyle } from '../report/style.js';
import { withoutControls } from '../text/controls.js';
import { formatDuration, plural } from '../text/format.js';
import { overridesOf, type ProjectArguments, projectFlags } from './flags.js';
import { interruptSignal } from './interrupt.js';

export const builder = (yargs: Argv) =>
  yargs
    .positional('channels', { type: 'string', array: true, describe: 'Names under notify; default: all' })
    .options({
      ...projectFlags,
      json: { type: 'boolean', default: false, describe: 'One result on each line, as JSON' },
    })
    .example('mdl notify', 'a test message through every channel')
    .example('mdl notify ops', 'through one');

interface Arguments extends ProjectArguments {
  readonly channels?: readonly string[] | undefined;
  readonly json: boolean;
}

/** Sends a test message and says for each channel what came of it. */
export async function handler(args: Arguments): Promise<void> {
  const options = await loadOptions(args.projectDir, overridesOf(args));
  const channels = chooseChannels(options, args.channels ?? []);
  const style = makeStyle(capabilities(process.stdout, process.env).color);
  const interrupt = interruptSignal(() => {});
  const failed: string[] = [];
  const tell = (name: string, kind: string, status: 'sent' | 'failed' | 'off', text: string) => {
    const marks = { sent: style.green('sent'), failed: style.red('FAIL'), off: style.dim('off ') };
    process.stdout.write(
      args.json
        ? `${JSON.stringify({ channel: name, kind, status, ...(status === 'sent' ? {} : { reason: text }) })}\n`
        : `  ${marks[status]}  ${name} (${kind})  ${withoutControls(text)}\n`,
    );
  };
  try {
    await Promise.all(
      channels.map(async (channel) => {
        const { name, kind, address, missing } = channel;
        if (!address) return tell(name, kind, 'off', `${missing} has no value`);
        const { reason, durationMs } = await deliverTest(options, channel, interrupt.signal);
        if (reason === undefined) return tell(name, kind, 'sent', formatDuration(durationMs));
        failed.push(name);
        tell(name, kind, 'failed', reason);
      }),
    );
  } finally {
    interrupt.release();
  }
  if (interrupt.signal.aborted) throw new MedallionError('MDL5002', { message: 'Interrupted.' });
  if (failed.length > 0)
    throw new MedallionError('MDL7004', {
      message: `${plural(failed.length, 'channel')} could not be reached: ${failed.join(', ')}.`,
      where: { file: options.configFile },
    });
}
