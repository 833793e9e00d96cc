/** A decimal, stored as a whole number, with its point. */
export function decimalText(stored: number | bigint | Uint8Array, scale: number): string {
  const whole = stored instanceof Uint8Array ? signedBigEndian(stored) : BigInt(stored);
  const digits = String(whole < 0n ? -whole : whole).padStart(scale + 1, '0');
  const cut = digits.length - scale;
  return `${whole < 0n ? '-' : ''}${digits.slice(0, cut)}${scale > 0 ? `.${digits.slice(cut)}` : ''}`;
}

function signedBigEndian(bytes: Uint8Array): bigint {
  if (bytes.length === 0) return 0n;
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
  return BigInt.asIntN(bytes.length * 8, BigInt(`0x${hex}`));
}

/** The shortest digits that are this number with 32 bits, as Postgres prints `real`. */
export function floatText(value: number): string {
  if (value === 0) return doubleText(value);
  // Six digits are always exact, but numbers below the normal ones have fewer.
  for (let digits = Math.abs(value) < 1.2e-38 ? 1 : 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return doubleText(short);
  }
  return doubleText(Number(value.toPrecision(9)));
}

export function doubleText(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}
