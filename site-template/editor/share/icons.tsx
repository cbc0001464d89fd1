/** The few signs of the share parts, drawn on a grid of 16. Decoration: words stand beside each. */

const PATHS = {
  share: 'M8 10V2.5M5 5l3-3 3 3M3 9v3.5A1.5 1.5 0 0 0 4.5 14h7a1.5 1.5 0 0 0 1.5-1.5V9',
  more: 'M4 6.5l4 4 4-4',
  close: 'M4 4l8 8M12 4l-8 8',
  check: 'M3.5 8.5l3 3 6-7',
  cross: 'M5 5l6 6M11 5l-6 6',
  dash: 'M4.5 8h7',
  link: 'M6.5 9.5l3-3M7 4.5l1.2-1.2a3 3 0 0 1 4.3 4.3L11.3 8.8M9 11.5l-1.2 1.2a3 3 0 0 1-4.3-4.3L4.7 7.2',
  open: 'M9 3h4v4M13 3L7.5 8.5M11 9.5v2A1.5 1.5 0 0 1 9.5 13h-5A1.5 1.5 0 0 1 3 11.5v-5A1.5 1.5 0 0 1 4.5 5h2',
  code: 'M5.5 5L2.5 8l3 3M10.5 5l3 3-3 3',
  warning: 'M8 2.5l6 10.5H2zM8 6.5v3M8 11.3v.1',
  film: 'M2.5 3.5h11v9h-11zM5.5 3.5v9M10.5 3.5v9M2.5 8h3M10.5 8h3',
  download: 'M8 2.5V10M5 7l3 3 3-3M3 12.5h10',
  clock: 'M8 4.5V8l2.5 1.5M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0z',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg className="share-icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}

/** How far a publish is, 0 to 1. The button's words say the same. */
export function ProgressRing({ progress }: { progress: number }) {
  return (
    <svg className="share-ring" viewBox="0 0 16 16" aria-hidden="true">
      <circle cx="8" cy="8" r="6" pathLength="1" />
      <circle cx="8" cy="8" r="6" pathLength="1" strokeDasharray={`${Math.max(0.08, progress)} 1`} />
    </svg>
  );
}
