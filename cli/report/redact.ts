/** Passwords in connection strings never reach a log, an error or the screen. */
export function redact(text: string): string {
  return text
    .replace(/\b(postgres(?:ql)?:\/\/[^\s:/@]*):[^\s@]*@/gi, '$1:***@')
    .replace(/\b(password|passwd|pwd)\s*=\s*('[^']*'|[^\s&;]+)/gi, '$1=***');
}
