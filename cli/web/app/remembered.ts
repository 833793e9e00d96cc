/** A text that this browser remembers; where it may not, it forgets it with the page. */
export function remembered(key: string, storage: 'localStorage' | 'sessionStorage' = 'localStorage') {
  let own: string | null = null;
  return {
    get value(): string | null {
      try {
        return window[storage].getItem(key);
      } catch {
        return own;
      }
    },
    set value(text: string | null) {
      own = text;
      try {
        if (text === null) window[storage].removeItem(key);
        else window[storage].setItem(key, text);
      } catch {
        // Kept in `own`.
      }
    },
  };
}
