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
  return (
    <fieldset className="share-section share-visibility" disabled={!mayChange || busy !== null}>
      <legend>Who can open it</legend>
      {CHOICES.map((choice) => (
        <label key={choice.value}>
          <input
            type="radio"
            name={name}
            checked={thread.visibility === choice.value}
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
