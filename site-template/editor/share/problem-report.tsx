/** Why a publish failed, and what was noticed about one that did not. */
import { Icon } from './icons.tsx';
import type { Problem, ProblemPlace } from './problems.ts';
import type { JumpTo } from './share-sheet.tsx';
import type { WarningLine } from './status-model.ts';
import { count, formatPlace } from './words.ts';

type Jump = ((place: JumpTo) => void) | undefined;

export function ProblemReport({ problem, onJump }: { problem: Problem; onJump?: Jump }) {
  const { detail, advice, fault, places } = problem;
  const isSaidByPlace = places.some(({ message }) => message === detail);
  return (
    <div className="share-problem">
      {detail !== '' && !isSaidByPlace && <p>{detail}</p>}
      {places.length > 0 && (
        <ul className="share-places">
          {places.map((place) => (
            <li key={`${formatPlace(place)} ${place.field} ${place.message}`}>
              <PlaceLine place={place} onJump={onJump} />
            </li>
          ))}
        </ul>
      )}
      <p>
        <strong>{fault === 'user' ? 'To mend in the project: ' : 'Not your fault. '}</strong>
        {advice}
      </p>
    </div>
  );
}

function PlaceLine({ place, onJump }: { place: ProblemPlace; onJump: Jump }) {
  const { file, field, message, excerpt } = place;
  const where = [formatPlace(place), field].filter(Boolean).join(' · ');
  const words = (
    <>
      {where !== '' && <span className="share-where">{where}</span>}
      <span>{message}</span>
      {excerpt !== undefined && <code>{excerpt}</code>}
    </>
  );
  if (!onJump || file === undefined) return <div className="share-place">{words}</div>;
  return (
    <button type="button" className="share-place" onClick={() => onJump({ ...place, file })}>
      {words}
    </button>
  );
}

export function Warnings({ warnings, onJump }: { warnings: readonly WarningLine[]; onJump?: Jump }) {
  if (warnings.length === 0) return null;
  return (
    <details className="share-warnings" open={warnings.length <= 2}>
      <summary>
        <Icon name="warning" />
        {count(warnings.length, 'warning')}
      </summary>
      <ul className="share-places">
        {warnings.map((warning) => (
          <li key={`${warning.code} ${formatPlace(warning)} ${warning.message}`}>
            <PlaceLine place={{ ...warning, message: `${warning.headline}: ${warning.message}` }} onJump={onJump} />
          </li>
        ))}
      </ul>
    </details>
  );
}
