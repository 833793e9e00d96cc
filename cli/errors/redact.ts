/** Passwords in connection strings never reach a log, an error or the screen. */
export function redact(text: string): string {
  return text
    .replace(/\b(postgres(?:ql)?:\/\/[^\s:/@]*):[^\s@]*@/gi, '$1:***@')
    .replace(/\b(password|passwd|pwd)\s*=\s*('[^']*'|[^\s&;]+)/gi, '$1=***');
}

/** A value as JSON, every text in it redacted by itself: what is cut out of one must not take the next along. */
export function redactedJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, (_key, inner) => (typeof inner === 'string' ? redact(inner) : inner), indent);
}
