/** Begins a project, or a thread of one: a title, and what to begin with. */
import { useConvex } from 'convex/react';
import { type FormEvent, useId, useState } from 'react';
import { go, threadAddress } from '../route.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { PlusIcon } from '../ui/icons.tsx';
import { readRefusal } from '../ui/refusal.ts';
import { createProject, createThread } from './create.ts';
import { STARTERS, type Starter } from './examples.ts';
import styles from './projects.module.css';

export function NewProjectDialog({ onClose }: { onClose(): void }) {
  return <BeginDialog heading="New project" project={null} onClose={onClose} />;
}

export function NewThreadDialog({ project, onClose }: { project: string; onClose(): void }) {
  return <BeginDialog heading="New thread" project={project} onClose={onClose} />;
}

interface BeginDialogProps {
  heading: string;
  /** Null to make one. */
  project: string | null;
  onClose(): void;
}

function BeginDialog({ heading, project, onClose }: BeginDialogProps) {
  const client = useConvex();
  const form = useId();
  const [starter, setStarter] = useState(STARTERS[0] as Starter);
  const [title, setTitle] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const shown = title ?? starter.title;
  const begin = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      const owner = project ?? (await createProject(client, shown));
      const thread = await createThread(client, owner, shown, starter);
      onClose();
      go(threadAddress(thread));
    } catch (error) {
      const { message, advice } = readRefusal(error);
      setProblem(`${message} ${advice ?? ''}`);
      setBusy(false);
    }
  };
  const foot = (
    <>
      <Button onClick={onClose}>Cancel</Button>
      <Button look="primary" type="submit" form={form} disabled={isBusy || shown.trim() === ''}>
        {isBusy ? 'Creating …' : 'Create'}
      </Button>
    </>
  );
  return (
    <Dialog title={heading} width={640} foot={foot} onClose={onClose}>
      <form id={form} onSubmit={(event) => void begin(event)}>
        <fieldset className={styles.starters}>
          <legend>Begin with</legend>
          {STARTERS.map((each) => (
            <StarterChoice key={each.id} starter={each} isChosen={each === starter} onChoose={() => setStarter(each)} />
          ))}
        </fieldset>
        <label className={styles.field}>
          Title
          <input value={shown} maxLength={120} required onChange={({ target }) => setTitle(target.value)} />
        </label>
        {problem !== null && (
          <p className={styles.problem} role="alert">
            {problem}
          </p>
        )}
      </form>
    </Dialog>
  );
}

interface StarterChoiceProps {
  starter: Starter;
  isChosen: boolean;
  onChoose(): void;
}

function StarterChoice({ starter, isChosen, onChoose }: StarterChoiceProps) {
  const { id, title, description, poster } = starter;
  return (
    <label className={styles.starter}>
      <input type="radio" name="starter" value={id} checked={isChosen} onChange={onChoose} />
      {poster === null ? (
        <span className={styles.blank}>
          <PlusIcon size={20} />
        </span>
      ) : (
        <img src={poster} alt="" width={160} height={90} />
      )}
      <b>{title}</b>
      <small>{description}</small>
    </label>
  );
}
