/** Times as people say them. */
const STEPS = [
  [60, 'second'],
  [3600, 'minute'],
  [86_400, 'hour'],
  [7 * 86_400, 'day'],
] as const;
const UNIT_SECONDS = { second: 1, minute: 60, hour: 3600, day: 86_400 };
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const date = new Intl.DateTimeFormat('en', { dateStyle: 'medium' });
const full = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'medium' });

/** `5 minutes ago`, and the date when that is longer than a week. Both in milliseconds since 1970. */
export function formatAgo(time: number, now: number): string {
  const seconds = Math.max(0, (now - time) / 1000);
  if (seconds < 10) return 'just now';
  const unit = STEPS.find(([limit]) => seconds < limit)?.[1];
  return unit === undefined ? date.format(time) : relative.format(-Math.floor(seconds / UNIT_SECONDS[unit]), unit);
}

export function formatTime(time: number): string {
  return full.format(time);
}
