import type { ChannelAddress } from '../config/notify-schema.js';
import { redact } from '../errors/index.js';
import { DeliveryError } from './attempts.js';
import { emailHtml } from './html.js';
import type { Message } from './message.js';
import { plainText } from './plain-text.js';

type EmailAddress = Extract<ChannelAddress, { kind: 'email' }>;

/** SMTP answers 4xx when it may work later; these are nodemailer's names for what did not come to an answer. */
const passing = new Set(['ECONNECTION', 'ETIMEDOUT', 'ESOCKET', 'EDNS', 'ECONNRESET', 'ECONNREFUSED']);

/**
 * Sends an e-mail, as text and as HTML.
 * @throws DeliveryError
 */
export async function sendEmail(
  { to, from, smtp }: EmailAddress,
  message: Message,
  { timeoutMs, messageId }: { readonly timeoutMs: number; readonly messageId: string },
): Promise<void> {
  // Few projects send e-mail, and the others need not wait for it to be loaded.
  const { createTransport } = await import('nodemailer');
  const timeouts = {
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    dnsTimeout: timeoutMs,
  };
  try {
    const transport = createTransport({
      ...timeouts,
      ...(typeof smtp === 'string' ? { url: smtp } : smtp),
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    try {
      await transport.sendMail({
        from,
        to: [...to],
        subject: redact(message.title),
        text: redact(plainText(message)),
        html: redact(emailHtml(message)),
        messageId,
        // Out-of-office replies and mailing loops pass it by: RFC 3834.
        headers: { 'Auto-Submitted': 'auto-generated' },
      });
    } finally {
      transport.close();
    }
  } catch (cause) {
    throw failureOf(cause);
  }
}

function failureOf(cause: unknown): DeliveryError {
  const { code, responseCode, message } = cause as {
    readonly code?: string;
    readonly responseCode?: number;
    readonly message?: string;
  };
  const isPassing =
    responseCode === undefined ? passing.has(code ?? '') : responseCode >= 400 && responseCode < 500;
  return new DeliveryError(`the mail server refused: ${message ?? String(cause)}`, isPassing);
}
