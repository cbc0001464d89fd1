/** Dialogs: radix-ui keeps focus, keys and screen readers right; this gives them their look. */
import { Dialog as Radix } from 'radix-ui';
import type { CSSProperties, ReactNode } from 'react';
import { Button } from './button.tsx';
import styles from './dialog.module.css';
import { CloseIcon } from './icons.tsx';

interface DialogProps {
  title: string;
  description?: string;
  /** In pixels. */
  width?: number;
  /** Buttons at the end. */
  foot?: ReactNode;
  children?: ReactNode;
  onClose(): void;
}

/** Open as long as it is rendered. */
export function Dialog({ title, description, width, foot, children, onClose }: DialogProps) {
  const style = width === undefined ? {} : ({ '--dialog-width': `${width}px` } as CSSProperties);
  return (
    <Radix.Root open onOpenChange={(open) => open || onClose()}>
      <Radix.Portal>
        <Radix.Overlay className={styles.scrim} />
        <Radix.Content
          className={styles.dialog}
          style={style}
          {...(description === undefined && { 'aria-describedby': undefined })}
        >
          <header className={styles.head}>
            <Radix.Title className={styles.title}>{title}</Radix.Title>
            <Radix.Close asChild>
              <Button look="quiet" small icon aria-label="Close">
                <CloseIcon />
              </Button>
            </Radix.Close>
          </header>
          {description !== undefined && (
            <Radix.Description className={styles.description}>{description}</Radix.Description>
          )}
          <div className={styles.body}>{children}</div>
          {foot && <footer className={styles.foot}>{foot}</footer>}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
