/** Who works on a project: the owner invites, changes roles and removes; everybody else sees who is there. */
import { useMutation, useQuery } from 'convex/react';
import { type FormEvent, useState } from 'react';
import { toast } from 'sonner';
import { api } from '../../../convex/_generated/api.js';
import { Loading } from '../shell/loading.tsx';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { CloseIcon, InviteIcon } from '../ui/icons.tsx';
import { readRefusal } from '../ui/refusal.ts';
import styles from './projects.module.css';

type Person = (typeof api.projects.collaborators)['_returnType'][number];
type Role = 'editor' | 'viewer';

export function CollaboratorsDialog({ project, onClose }: { project: string; onClose(): void }) {
  const found = useQuery(api.projects.get, { project });
  const people = useQuery(api.projects.collaborators, { project });
  const isOwner = found?.role === 'owner';
  return (
    <Dialog
      title="People of this project"
      description="Editors change and share, viewers look. Links that were shared open for everybody who has them."
      onClose={onClose}
    >
      {people === undefined && <Loading what="Loading" />}
      <ul className={styles.people}>
        {people?.map((person) => (
          <PersonRow key={person.collaborator ?? 'owner'} project={project} person={person} isOwner={isOwner} />
        ))}
      </ul>
      {isOwner && <Invitation project={project} />}
    </Dialog>
  );
}

function PersonRow({ project, person, isOwner }: { project: string; person: Person; isOwner: boolean }) {
  const { collaborator, name, email, role } = person;
  const change = useMutation(api.projects.changeRole);
  const remove = useMutation(api.projects.removeCollaborator);
  const label = name ?? email ?? 'Somebody who was invited';
  return (
    <li className={styles.person}>
      <span className={styles.face} aria-hidden="true">
        {label.slice(0, 1).toUpperCase()}
      </span>
      <p>
        <b>{label}</b>
        <small>{name === null ? 'invited, has not signed in yet' : (email ?? '')}</small>
      </p>
      {isOwner && collaborator !== null ? (
        <>
          <select
            aria-label={`Role of ${label}`}
            value={role}
            onChange={({ target }) => void change({ project, collaborator, role: target.value as Role }).catch(say)}
          >
            <option value="editor">Editor</option>
            <option value="viewer">Viewer</option>
          </select>
          <Button
            look="quiet"
            small
            icon
            aria-label={`Remove ${label}`}
            onClick={() => void remove({ project, collaborator }).catch(say)}
          >
            <CloseIcon />
          </Button>
        </>
      ) : (
        <span className={styles.role}>{role}</span>
      )}
    </li>
  );
}

function Invitation({ project }: { project: string }) {
  const add = useMutation(api.projects.addCollaborator);
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<Role>('editor');
  const [problem, setProblem] = useState<string | null>(null);
  const invite = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    try {
      await add({ project, who: { email }, role });
      toast.success(`${email} is in as ${role === 'editor' ? 'an editor' : 'a viewer'}.`);
      setEmail('');
      setProblem(null);
    } catch (error) {
      setProblem(readRefusal(error).message);
    }
  };
  return (
    <form className={styles.invite} onSubmit={(event) => void invite(event)}>
      <label>
        Invite by e-mail
        <input
          type="email"
          required
          value={email}
          placeholder="name@example.com"
          autoComplete="off"
          onChange={({ target }) => setEmail(target.value)}
        />
      </label>
      <select aria-label="Role" value={role} onChange={({ target }) => setRole(target.value as Role)}>
        <option value="editor">Editor</option>
        <option value="viewer">Viewer</option>
      </select>
      <Button look="primary" type="submit">
        <InviteIcon /> Invite
      </Button>
      {problem !== null && <p role="alert">{problem}</p>}
    </form>
  );
}

function say(error: unknown): void {
  toast.error(readRefusal(error).message);
}
