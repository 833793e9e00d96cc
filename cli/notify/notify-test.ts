import type { ChannelOptions } from '../config/notify-schema.js';
import type { Options } from '../config/options.js';
import { didYouMean, MedallionError } from '../errors/index.js';
import { type Delivery, deliver } from './deliver.js';
import { testMessage } from './message.js';
import { webhookBody } from './webhook.js';

/**
 * The channels of these names, or all.
 * @throws MedallionError MDL7003
 */
export function chooseChannels(options: Options, names: readonly string[]): readonly ChannelOptions[] {
  const { channels, configFile } = options;
  if (channels.length === 0)
    throw new MedallionError('MDL7003', {
      message: `${configFile} has no channel.`,
      where: { file: configFile },
    });
  if (names.length === 0) return channels;
  return names.map((name) => {
    const found = channels.find((channel) => channel.name === name);
    if (found) return found;
    throw new MedallionError('MDL7003', {
      message: `There is no channel "${name}".`,
      where: { file: configFile },
      hint: didYouMean(
        name,
        channels.map((channel) => channel.name),
      ),
    });
  });
}

/** Sends a message that says it is a test, through a channel that is on. */
export function deliverTest(
  options: Options,
  channel: ChannelOptions,
  signal: AbortSignal,
): Promise<Delivery> {
  const message = testMessage(options.name, channel.name, options.serve.publicUrl);
  return deliver(channel, message, () => webhookBody(options.name, message, undefined, 0), signal);
}
