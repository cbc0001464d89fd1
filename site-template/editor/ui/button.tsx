/** The editor's button, and its class names for links that look like one. */
import type { ComponentProps } from 'react';
import styles from './button.module.css';

type Look = 'plain' | 'primary' | 'quiet' | 'danger';

interface ButtonLook {
  look?: Look;
  small?: boolean;
  /** Square: its only content is a picture, so it needs an aria-label. */
  icon?: boolean;
}

export function buttonClass({ look = 'plain', small = false, icon = false }: ButtonLook): string {
  const names = [styles.button, look !== 'plain' && styles[look], small && styles.small, icon && styles.icon];
  return names.filter(Boolean).join(' ');
}

export function Button({ look, small, icon, className, ...rest }: ButtonLook & ComponentProps<'button'>) {
  const own = buttonClass({ ...(look && { look }), ...(small && { small }), ...(icon && { icon }) });
  return <button type="button" className={className ? `${own} ${className}` : own} {...rest} />;
}
