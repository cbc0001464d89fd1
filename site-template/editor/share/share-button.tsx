/** Where Share will be. */
export function ShareButton() {
  return null;
}
