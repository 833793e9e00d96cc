import { randomUUID } from 'node:crypto';
import type { ChannelAddress, ChannelOptions } from '../config/notify-schema.js';
import { redact, redactedJson } from '../errors/index.js';
import { onOneLine } from '../text/controls.js';
import { post, withAttempts } from './attempts.js';
import { sendEmail } from './email.js';
import type { Message } from './message.js';
import { withoutSecrets } from './secrets.js';
import { slackBody } from './slack.js';
import { type WebhookBody, webhookHeaders } from './webhook.js';

/** What came of a message. */
export interface Delivery {
  readonly channel: ChannelOptions;
  readonly message: Message;
  readonly durationMs: number;
  /** Why it was not delivered, without any secret; undefined: it was. */
  readonly reason: string | undefined;
}

/**
 * Sends one message through a channel that is on. Nothing is thrown.
 * @param bodyOf what a webhook is sent
 */
export async function deliver(
  channel: ChannelOptions,
  message: Message,
  bodyOf: () => WebhookBody,
  signal: AbortSignal,
): Promise<Delivery> {
  const started = performance.now();
  const address = channel.address!;
  const { timeoutMs } = channel;
  let reason: string | undefined;
  try {
    await withAttempts(sender(address, message, bodyOf), { timeoutMs, signal });
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    reason = onOneLine(redact(withoutSecrets(said, address))).slice(0, 500);
  }
  return { channel, message, durationMs: performance.now() - started, reason };
}

/** What is sent is made once: each attempt sends the same. */
function sender(
  address: ChannelAddress,
  message: Message,
  bodyOf: () => WebhookBody,
): (signal: AbortSignal, timeoutMs: number) => Promise<void> {
  switch (address.kind) {
    case 'slack': {
      const body = redactedJson(slackBody(message));
      return (signal) => post(address.url, { headers: {}, body, signal });
    }
    case 'webhook': {
      const body = redactedJson(bodyOf());
      const headers = { ...address.headers, ...webhookHeaders(body, message.occasion, address.secret) };
      return (signal) => post(address.url, { headers, body, signal });
    }
    case 'email': {
      const messageId = `<${randomUUID()}@medallion>`;
      return (_, timeoutMs) => sendEmail(address, message, { timeoutMs, messageId });
    }
  }
}
