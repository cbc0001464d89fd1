/** The bar at the top: where one is, what state the work is in, and Save, Share and the person. */
import { useQuery } from 'convex/react';
import { useState } from 'react';
import { api } from '../../../convex/_generated/api.js';
import { CollaboratorsDialog } from '../projects/collaborators-dialog.tsx';
import { PROJECTS_ADDRESS } from '../route.ts';
import { ShareSlot } from '../share-slot.tsx';
import { Button } from '../ui/button.tsx';
import { UsersIcon } from '../ui/icons.tsx';
import { Mark } from '../ui/mark.tsx';
import { useWorkspace, useWorkspaceState } from '../workspace.ts';
import styles from './header.module.css';
import { PersonMenu } from './person-menu.tsx';
import { ThreadMenu } from './thread-menu.tsx';

export function Header({ isSaving }: { isSaving: boolean }) {
  const workspace = useWorkspace();
  const thread = useWorkspaceState((state) => state.thread);
  const access = useWorkspaceState((state) => state.access);
  const dirty = useWorkspaceState((state) => state.dirty);
  const isUnsaved = useWorkspaceState((state) => state.dirty || state.base.version === 0);
  const [isInviting, setInviting] = useState(false);
  const project = useQuery(api.projects.get, { project: thread.project });
  return (
    <header className={styles.header}>
      <a href={PROJECTS_ADDRESS} className={styles.home} aria-label="All projects">
        <Mark size={26} />
      </a>
      <h1 className={styles.place}>
        <span className={styles.project}>{project?.title ?? thread.project}</span>
        <ThreadMenu thread={thread} onPeople={() => setInviting(true)} />
      </h1>
      <SaveState isSaving={isSaving} dirty={dirty} />
      <div className={styles.actions}>
        <Button
          look="quiet"
          icon
          className={styles.people ?? ''}
          aria-label="People of this project"
          onClick={() => setInviting(true)}
        >
          <UsersIcon />
        </Button>
        {access !== 'view' && (
          <Button
            className={styles.save ?? ''}
            onClick={() => void workspace.save()}
            disabled={!isUnsaved || isSaving || access !== 'edit'}
            aria-keyshortcuts="Control+S Meta+S"
          >
            {isSaving ? 'Saving …' : 'Save'}
          </Button>
        )}
        <ShareSlot />
        <PersonMenu />
      </div>
      {isInviting && <CollaboratorsDialog project={thread.project} onClose={() => setInviting(false)} />}
    </header>
  );
}

function SaveState({ isSaving, dirty }: { isSaving: boolean; dirty: boolean }) {
  const version = useWorkspaceState((state) => state.base.version);
  const text = isSaving
    ? 'Saving'
    : version === 0
      ? 'Not saved yet'
      : dirty
        ? `Draft, from version ${version}`
        : `Version ${version}`;
  return (
    <p className={styles.state} data-dirty={dirty} role="status">
      {text}
    </p>
  );
}
