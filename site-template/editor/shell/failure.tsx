/** What stands in the place of something that could not be shown. */
import { ConvexError } from 'convex/values';
import { Component, type ReactNode } from 'react';
import { PROJECTS_ADDRESS } from '../route.ts';
import { Button, buttonClass } from '../ui/button.tsx';
import styles from './states.module.css';

interface FailureProps {
  title: string;
  children: ReactNode;
  onRetry?(): void;
}

export function Failure({ title, children, onRetry }: FailureProps) {
  return (
    <main className={styles.failure}>
      <h1>{title}</h1>
      <p>{children}</p>
      <div className={styles.actions}>
        {onRetry && (
          <Button look="primary" onClick={onRetry}>
            Try again
          </Button>
        )}
        <a className={buttonClass({})} href={PROJECTS_ADDRESS}>
          All projects
        </a>
      </div>
    </main>
  );
}

export function StartFailure() {
  return (
    <main className={styles.failure}>
      <h1>The editor could not start</h1>
      <p>Its settings (config.json) could not be read. Whoever set it up finds the reason in the browser's console.</p>
      <div className={styles.actions}>
        <Button look="primary" onClick={() => location.reload()}>
          Try again
        </Button>
      </div>
    </main>
  );
}

interface BoundaryState {
  error: unknown;
}

interface BoundaryProps {
  /** When it changes, what has failed is tried again. */
  attempt: string;
  children: ReactNode;
}

/** Catches what is thrown below it: queries that are refused, and our own mistakes. */
export class FailureBoundary extends Component<BoundaryProps, BoundaryState> {
  override state: BoundaryState = { error: null };

  override componentDidUpdate({ attempt }: BoundaryProps): void {
    if (attempt !== this.props.attempt && this.state.error !== null) this.setState({ error: null });
  }

  static getDerivedStateFromError(error: unknown): BoundaryState {
    return { error };
  }

  override render() {
    const { error } = this.state;
    if (error === null) return this.props.children;
    const onRetry = () => this.setState({ error: null });
    if (isNotFound(error)) return <NotFound onRetry={onRetry} />;
    return (
      <Failure title="Something went wrong" onRetry={onRetry}>
        This part of the editor has failed. Your draft is kept in this browser; loading the page again usually helps.
      </Failure>
    );
  }
}

function NotFound({ onRetry }: { onRetry(): void }) {
  return (
    <Failure title="Nothing is here, or not for you" onRetry={onRetry}>
      The thread may have another name, or its owner has not let you in. Ask for an invitation to the address that you
      sign in with.
    </Failure>
  );
}

function isNotFound(error: unknown): boolean {
  return error instanceof ConvexError && (error.data as { code?: string }).code === 'NOT_FOUND';
}
