/** Storage that forgets. A sandboxed page has none, and libraries that ask for it would fail. */

export function provideStorage(): void {
  for (const name of ['localStorage', 'sessionStorage'] as const) {
    try {
      window[name];
    } catch {
      Object.defineProperty(window, name, { value: createStorage() });
    }
  }
}

/** As much of `Storage` as code relies on. */
export function createStorage(): Storage {
  const entries = new Map<string, string>();
  return {
    get length() {
      return entries.size;
    },
    key: (index) => [...entries.keys()][index] ?? null,
    getItem: (key) => entries.get(String(key)) ?? null,
    setItem: (key, value) => void entries.set(String(key), String(value)),
    removeItem: (key) => void entries.delete(String(key)),
    clear: () => entries.clear(),
  };
}
