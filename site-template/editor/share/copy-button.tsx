/** Copies a text, and says that it did. Where a page may not copy, it selects the text for the person to. */
import { type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { Icon, type IconName } from './icons.tsx';

const SAID_MILLISECONDS = 2500;

export function CopyButton(props: { text: string; icon: IconName; children: ReactNode; primary?: boolean }) {
  const { text, icon, children, primary = false } = props;
  const [said, setSaid] = useState<'copied' | 'refused' | null>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const fieldId = useId();
  useEffect(() => {
    if (said === 'refused') field.current?.select();
    if (said !== 'copied') return;
    const timer = setTimeout(() => setSaid(null), SAID_MILLISECONDS);
    return () => clearTimeout(timer);
  }, [said]);
  const copy = (): Promise<void> =>
    navigator.clipboard.writeText(text).then(
      () => setSaid('copied'),
      () => setSaid('refused'),
    );
  return (
    <>
      <button
        type="button"
        className={primary ? 'share-action share-action-primary' : 'share-action'}
        onClick={() => void (navigator.clipboard ? copy() : setSaid('refused'))}
      >
        <Icon name={said === 'copied' ? 'check' : icon} />
        {said === 'copied' ? 'Copied' : children}
      </button>
      <span role="status" className="share-unseen">
        {said === 'copied' ? 'Copied.' : ''}
      </span>
      {said === 'refused' && (
        <span className="share-by-hand">
          <label htmlFor={fieldId}>The browser does not let this page copy. Press Ctrl or ⌘ and C:</label>
          <textarea id={fieldId} ref={field} readOnly rows={2} value={text} />
        </span>
      )}
    </>
  );
}

/** An address that can be read, selected and copied. */
export function LinkField({ url, label }: { url: string; label: string }) {
  return (
    <input
      className="share-link-field"
      aria-label={label}
      readOnly
      value={url.replace(/^https?:\/\//, '')}
      title={url}
      onFocus={(event) => event.currentTarget.select()}
      onCopy={(event) => {
        event.preventDefault();
        event.clipboardData.setData('text/plain', url);
      }}
    />
  );
}
