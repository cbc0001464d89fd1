/** Who can open the pages of a thread. */
import { useId } from 'react';
import type { ThreadView, Visibility } from './control-plane.ts';
import type { Sharing } from './use-publish.ts';

const CHOICES: readonly { value: Visibility; name: string; words: string }[] = [
  { value: 'public', name: 'Public', words: 'Everybody who has a link.' },
  { value: 'unlisted', name: 'Unlisted', words: 'Only whoever has a link that you create, until it expires.' },
];

export function VisibilityChoice({ sharing, thread }: { sharing: Sharing; thread: ThreadView }) {
  const name = useId();
  const { busy, mayChange } = sharing;
  // What was chosen is shown at once; refused, it goes back.
  const shown = busy?.kind === 'visibility' ? busy.visibility : thread.visibility;
  return (
    <fieldset className="share-section share-visibility" disabled={!mayChange}>
      <legend>Who can open it</legend>
      {CHOICES.map((choice) => (
        <label key={choice.value}>
          <input
            type="radio"
            name={name}
            checked={shown === choice.value}
            onChange={() => sharing.setVisibility(choice.value)}
          />
          <span>
            <strong>{choice.name}</strong>
            <span>{choice.words}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
