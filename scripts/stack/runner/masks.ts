/** Secrets, and what makes them unreadable in logs, annotations, summaries and outputs. */

const REPLACEMENT = '***';

export interface Masks {
  /** From now on the value is replaced, each of its lines too, and the usual encodings of it. */
  add(value: string): void;
  apply(text: string): string;
  /** Whether there is something in it to be replaced. */
  occurIn(text: string): boolean;
}

export function createMasks(): Masks {
  const hidden = new Set<string>();
  let pattern: RegExp | null = null;
  const rebuild = () => {
    // The longest first: a secret may begin with another one.
    const sources = [...hidden].sort((one, other) => other.length - one.length).map((value) => escapeForPattern(value));
    pattern = sources.length === 0 ? null : new RegExp(sources.join('|'), 'g');
  };
  return {
    add(value) {
      for (const part of [value, ...value.split(/\r?\n/)]) {
        for (const form of formsOf(part.trim())) hidden.add(form);
      }
      rebuild();
    },
    apply: (text) => (pattern === null ? text : text.replace(pattern, REPLACEMENT)),
    occurIn: (text) => pattern !== null && text.search(pattern) >= 0,
  };
}

/** The value itself, and how it looks in JSON, in an address, and in the middle of something in base64. */
function formsOf(value: string): string[] {
  if (value === '') return [];
  const shifted = [0, 1, 2].map((shift) => {
    const encoded = Buffer.from(value).subarray(shift).toString('base64').replace(/=+$/, '');
    // The last character also holds bits of what follows.
    return encoded.slice(0, Math.floor(((Buffer.byteLength(value) - shift) * 8) / 6));
  });
  const longEnough = shifted.filter((form) => form.length >= 8);
  return [value, JSON.stringify(value).slice(1, -1), encodeForAddress(value), ...longEnough];
}

function encodeForAddress(value: string): string {
  return value.isWellFormed() ? encodeURIComponent(value) : value;
}

function escapeForPattern(value: string): string {
  return value.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
