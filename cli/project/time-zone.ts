/** Whether a name is one of a time zone, as Postgres has them too. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    // An offset (+03:00) has the opposite sign in Postgres.
    return /^[A-Za-z]/.test(name);
  } catch {
    return false;
  }
}

export const timeZoneHint = 'Name one of the IANA data base: America/Sao_Paulo.';
