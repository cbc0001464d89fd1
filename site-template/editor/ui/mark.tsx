/** The sign of Permaframe: a frame's corners around a play mark. */
export function Mark({ size = 24 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="8" fill="#1d2b28" />
      <path
        d="M8 11V8h3M21 8h3v3M24 21v3h-3M11 24H8v-3"
        fill="none"
        stroke="#8fe3c0"
        strokeWidth="2.2"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
      <path d="M13.2 11.6v8.8l7.2-4.4z" fill="#f5f2ea" />
    </svg>
  );
}
