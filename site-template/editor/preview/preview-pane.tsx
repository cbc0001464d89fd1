/** Where the preview will be. */
export function PreviewPane() {
  return <section aria-label="Preview" />;
}
