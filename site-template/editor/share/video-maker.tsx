/** Chooses what a video is to be like, says what that comes to and how long it takes, and asks for it. */
import { type FormEvent, useEffect, useId, useRef, useState } from 'react';
import { VIDEO_FORMATS, VIDEO_QUALITIES, type VideoFormat, type VideoRequest } from './contract.ts';
import type { FilmOutline } from './control-plane.ts';
import { Icon } from './icons.tsx';
import type { Rendering } from './use-renders.ts';
import {
  FIRST_CHOICE,
  FORMAT_NAMES,
  FORMAT_WORDS,
  formatPixels,
  formatRunningTime,
  type Option,
  posterOptions,
  QUALITY_NAMES,
  rateOptions,
  sizeOptions,
  type Verdict,
  verdictOf,
  withFormat,
} from './video-choice.ts';
import { formatAbout } from './words.ts';

/** @property onDone it was asked for, or called off */
export function VideoMaker({ rendering, onDone }: { rendering: Rendering; onDone(): void }) {
  const { film, videos, busy, make } = rendering;
  const [request, setRequest] = useState(FIRST_CHOICE);
  const verdictId = useId();
  const change = (changes: Partial<VideoRequest>): void => setRequest({ ...request, ...changes });
  const verdict = verdictOf(film, request, videos);
  const form = useRef<HTMLFormElement>(null);
  // It opens below what is seen of the sheet, more often than not.
  useEffect(() => {
    form.current?.scrollIntoView({ block: 'nearest' });
  }, []);
  const mayAsk = verdict.kind === 'fine' && busy === null;
  const ask = (event: FormEvent): void => {
    event.preventDefault();
    if (mayAsk) void make(request).then((isTaken) => isTaken && onDone());
  };
  return (
    <form ref={form} className="share-video-maker" aria-label="Make a video" onSubmit={ask}>
      <FormatChoice value={request.format} onChange={(format) => setRequest(withFormat(request, format))} />
      <Choices film={film} request={request} onChange={change} />
      <VerdictLine id={verdictId} verdict={verdict} />
      <div className="share-row">
        <button
          type="submit"
          className="share-action share-action-primary"
          aria-disabled={!mayAsk}
          aria-describedby={verdictId}
        >
          {busy?.kind === 'requesting' ? 'Asking …' : 'Make video'}
        </button>
        <button type="button" className="share-action" onClick={onDone}>
          Not now
        </button>
      </div>
    </form>
  );
}

interface ChoicesProps {
  film: FilmOutline;
  request: VideoRequest;
  onChange(changes: Partial<VideoRequest>): void;
}

function Choices({ film, request, onChange }: ChoicesProps) {
  const posters = posterOptions(film);
  return (
    <div className="share-choices">
      <Choice
        label="Size"
        value={request.resolution}
        options={sizeOptions(film)}
        onChange={(resolution) => onChange({ resolution })}
      />
      <Choice
        label="Quality"
        value={request.quality}
        options={VIDEO_QUALITIES.map((value) => ({ value, name: QUALITY_NAMES[value] }))}
        onChange={(quality) => onChange({ quality })}
      />
      <Choice
        label="Frames a second"
        value={request.fps}
        options={rateOptions(film, request.format)}
        onChange={(fps) => onChange({ fps })}
      />
      {posters.length > 0 && (
        <Choice
          label="Poster"
          value={`${request.posterFrame ?? ''}`}
          options={posters}
          onChange={(frame) => onChange({ posterFrame: frame === '' ? null : Number(frame) })}
        />
      )}
    </div>
  );
}

function FormatChoice({ value, onChange }: { value: VideoFormat; onChange(value: VideoFormat): void }) {
  const name = useId();
  return (
    <fieldset>
      <legend>Format</legend>
      <div className="share-formats">
        {VIDEO_FORMATS.map((format) => (
          <label key={format}>
            <input type="radio" name={name} checked={value === format} onChange={() => onChange(format)} />
            <strong>{FORMAT_NAMES[format]}</strong>
            <span>{FORMAT_WORDS[format]}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

interface ChoiceProps<Value extends string> {
  label: string;
  value: Value;
  options: readonly Option<Value>[];
  onChange(value: Value): void;
}

function Choice<Value extends string>({ label, value, options, onChange }: ChoiceProps<Value>) {
  const id = useId();
  const choose = (text: string): void => {
    const option = options.find((each) => each.value === text);
    if (option) onChange(option.value);
  };
  return (
    <div className="share-choice">
      <label htmlFor={id}>{label}</label>
      <select id={id} value={value} onChange={(event) => choose(event.currentTarget.value)}>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.name}
          </option>
        ))}
      </select>
    </div>
  );
}

/** What the choice comes to; or why it may not be asked for, before it is. */
function VerdictLine({ id, verdict }: { id: string; verdict: Verdict }) {
  return (
    <div id={id} role="status" className="share-verdict" data-kind={verdict.kind}>
      {verdict.kind === 'refused' ? (
        <>
          <Icon name="warning" />
          <p>
            <strong>{verdict.problem.headline}: </strong>
            {verdict.problem.detail}. {verdict.problem.advice}
          </p>
        </>
      ) : (
        <p>
          <strong>
            {formatPixels(verdict.spec)} · {formatRunningTime(verdict.spec)}
          </strong>
          <br />
          {verdict.kind === 'fine'
            ? `Ready in ${formatAbout(verdict.estimatedMilliseconds)}. Parts that were rendered before are kept.`
            : verdict.isReady
              ? 'This video is there already: see below.'
              : 'This video is being made already: see below.'}
        </p>
      )}
    </div>
  );
}
