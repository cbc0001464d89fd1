/** All projects that the person may see, with their threads. */
import { useMutation, useQuery } from 'convex/react';
import { useState } from 'react';
import { toast } from 'sonner';
import { api } from '../../../convex/_generated/api.js';
import { threadAddress } from '../route.ts';
import { Loading } from '../shell/loading.tsx';
import { PersonMenu } from '../shell/person-menu.tsx';
import { Button } from '../ui/button.tsx';
import { PencilIcon, PlusIcon, UsersIcon } from '../ui/icons.tsx';
import { Mark } from '../ui/mark.tsx';
import { readRefusal } from '../ui/refusal.ts';
import { CollaboratorsDialog } from './collaborators-dialog.tsx';
import { NewProjectDialog, NewThreadDialog } from './new-project-dialog.tsx';
import styles from './projects.module.css';

type Project = (typeof api.projects.list)['_returnType'][number];

export function ProjectsPage() {
  const projects = useQuery(api.projects.list);
  const [isAdding, setAdding] = useState(false);
  return (
    <div className={styles.page}>
      <header className={styles.bar}>
        <Mark size={26} />
        <b>Permaframe</b>
        <PersonMenu />
      </header>
      <main className={styles.main}>
        <div className={styles.head}>
          <h1>Projects</h1>
          <Button look="primary" onClick={() => setAdding(true)}>
            <PlusIcon /> New project
          </Button>
        </div>
        {projects === undefined && <Loading what="Loading projects" />}
        {projects?.length === 0 && <NoProjects onAdd={() => setAdding(true)} />}
        {projects?.map((project) => (
          <ProjectCard key={project.project} project={project} />
        ))}
      </main>
      {isAdding && <NewProjectDialog onClose={() => setAdding(false)} />}
    </div>
  );
}

function NoProjects({ onAdd }: { onAdd(): void }) {
  return (
    <div className={styles.none}>
      <h2>Nothing here yet</h2>
      <p>Begin with an example and change it: that is the quickest way to see how a film is made here.</p>
      <Button onClick={onAdd}>
        <PlusIcon /> Begin with an example
      </Button>
    </div>
  );
}

function ProjectCard({ project: { project, title, role } }: { project: Project }) {
  const threads = useQuery(api.threads.list, { project });
  const [open, setOpen] = useState<'people' | 'thread' | 'name' | null>(null);
  const close = () => setOpen(null);
  return (
    <article className={styles.project} aria-label={title}>
      <header>
        {open === 'name' ? <TitleField project={project} title={title} onDone={close} /> : <h2>{title}</h2>}
        {role !== 'owner' && <span className={styles.role}>{role}</span>}
        {role === 'owner' && (
          <Button look="quiet" small icon aria-label={`Rename ${title}`} onClick={() => setOpen('name')}>
            <PencilIcon />
          </Button>
        )}
        <Button look="quiet" small onClick={() => setOpen('people')}>
          <UsersIcon /> People
        </Button>
        {role !== 'viewer' && (
          <Button look="quiet" small onClick={() => setOpen('thread')}>
            <PlusIcon /> Thread
          </Button>
        )}
      </header>
      <ul className={styles.threads}>
        {threads?.map(({ thread, title: name, newest }) => (
          <li key={thread}>
            <a href={threadAddress(thread)}>
              <b>{name}</b>
              <span>{newest === 0 ? 'nothing saved yet' : newest === 1 ? '1 version' : `${newest} versions`}</span>
            </a>
          </li>
        ))}
        {threads?.length === 0 && <li className={styles.quiet}>No threads yet.</li>}
      </ul>
      {open === 'people' && <CollaboratorsDialog project={project} onClose={close} />}
      {open === 'thread' && <NewThreadDialog project={project} onClose={close} />}
    </article>
  );
}

function TitleField({ project, title, onDone }: { project: string; title: string; onDone(): void }) {
  const rename = useMutation(api.projects.rename);
  const [text, setText] = useState(title);
  const keep = async (): Promise<void> => {
    onDone();
    if (text.trim() === title || text.trim() === '') return;
    await rename({ project, title: text }).catch((error) => void toast.error(readRefusal(error).message));
  };
  return (
    <form
      className={styles.renaming}
      onSubmit={(event) => {
        event.preventDefault();
        void keep();
      }}
    >
      <input
        aria-label="Title of the project"
        value={text}
        maxLength={120}
        ref={(input) => {
          if (input && document.activeElement !== input) input.select();
        }}
        onChange={({ target }) => setText(target.value)}
        onKeyDown={({ key }) => key === 'Escape' && onDone()}
        onBlur={() => void keep()}
      />
    </form>
  );
}
