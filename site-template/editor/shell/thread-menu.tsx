/** The name of the thread, which opens the list of its project's threads. */
import { useQuery } from 'convex/react';
import { useState } from 'react';
import { api } from '../../../convex/_generated/api.js';
import { NewThreadDialog } from '../projects/new-project-dialog.tsx';
import { PROJECTS_ADDRESS, threadAddress } from '../route.ts';
import { Button } from '../ui/button.tsx';
import { CheckIcon, ChevronDownIcon, FolderIcon, PlusIcon, UsersIcon } from '../ui/icons.tsx';
import { Menu, MenuItem, MenuLabel, MenuLine, MenuLink } from '../ui/menu.tsx';
import type { OpenThread } from '../workspace.ts';
import styles from './thread-menu.module.css';

export function ThreadMenu({ thread, onPeople }: { thread: OpenThread; onPeople(): void }) {
  const threads = useQuery(api.threads.list, { project: thread.project });
  const [isAdding, setAdding] = useState(false);
  const trigger = (
    <Button look="quiet" small className={styles.trigger ?? ''}>
      <span className={styles.title}>{thread.title}</span>
      <span className="visually-hidden">, threads of this project</span>
      <ChevronDownIcon size={14} />
    </Button>
  );
  return (
    <>
      <Menu trigger={trigger}>
        <MenuLabel>Threads</MenuLabel>
        {threads?.map(({ thread: name, title }) => (
          <MenuLink
            key={name}
            href={threadAddress(name)}
            icon={name === thread.thread ? <CheckIcon /> : <span className={styles.gap} />}
          >
            {title}
          </MenuLink>
        ))}
        <MenuLine />
        {thread.role !== 'viewer' && (
          <MenuItem icon={<PlusIcon />} onSelect={() => setAdding(true)}>
            New thread
          </MenuItem>
        )}
        <MenuItem icon={<UsersIcon />} onSelect={onPeople}>
          People of this project
        </MenuItem>
        <MenuLink icon={<FolderIcon />} href={PROJECTS_ADDRESS}>
          All projects
        </MenuLink>
      </Menu>
      {isAdding && <NewThreadDialog project={thread.project} onClose={() => setAdding(false)} />}
    </>
  );
}
