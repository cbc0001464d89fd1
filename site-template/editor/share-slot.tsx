/** Share, told what the editor knows: the one place where the control and the editor meet. */
import { ShareButton } from './share/share-button.tsx';

export function ShareSlot() {
  return <ShareButton />;
}
