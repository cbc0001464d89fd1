/** What somebody sees who is not signed in. */
import { Button } from '../ui/button.tsx';
import { Mark } from '../ui/mark.tsx';
import styles from './sign-in-page.module.css';

interface SignInPageProps {
  problem: string | null;
  onSignIn(): void;
}

export function SignInPage({ problem, onSignIn }: SignInPageProps) {
  return (
    <main className={styles.page}>
      <div className={styles.sheet}>
        <Mark size={44} />
        <h1>
          <span>Make it.</span> <span>Share it.</span> <span>It stays.</span>
        </h1>
        <p className={styles.lead}>
          Permaframe turns a saved version of your film or demo into a page behind a link that never changes.
        </p>
        {problem !== null && (
          <p className={styles.problem} role="alert">
            {problem}
          </p>
        )}
        <Button look="primary" className={styles.button ?? ''} onClick={onSignIn}>
          Sign in
        </Button>
      </div>
    </main>
  );
}
