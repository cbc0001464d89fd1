/** Who is signed in; light or dark; the list of keys; the way out. */
import { useState } from 'react';
import { useSession } from '../session/session.ts';
import { KeyboardIcon, MonitorIcon, MoonIcon, SignOutIcon, SunIcon } from '../ui/icons.tsx';
import { Menu, MenuChoice, MenuItem, MenuLabel, MenuLine } from '../ui/menu.tsx';
import styles from './person-menu.module.css';
import { ShortcutsDialog } from './shortcuts.tsx';
import { chooseTheme, useTheme } from './theme.ts';

export function PersonMenu() {
  const { session, signOut } = useSession();
  const { theme } = useTheme();
  const [isListing, setListing] = useState(false);
  const trigger = (
    <button type="button" className={styles.person} aria-label={`${session.name}: settings and sign-out`}>
      {session.name.slice(0, 1)}
    </button>
  );
  return (
    <>
      <Menu trigger={trigger} align="end">
        <MenuLabel>Signed in as {session.name}</MenuLabel>
        <MenuLine />
        <MenuChoice
          label="Appearance"
          value={theme}
          options={[
            { value: 'system', label: 'As the system', icon: <MonitorIcon /> },
            { value: 'light', label: 'Light', icon: <SunIcon /> },
            { value: 'dark', label: 'Dark', icon: <MoonIcon /> },
          ]}
          onChoose={chooseTheme}
        />
        <MenuLine />
        <MenuItem icon={<KeyboardIcon />} onSelect={() => setListing(true)}>
          Keyboard shortcuts
        </MenuItem>
        <MenuItem icon={<SignOutIcon />} onSelect={() => signOut()}>
          Sign out
        </MenuItem>
      </Menu>
      {isListing && <ShortcutsDialog onClose={() => setListing(false)} />}
    </>
  );
}
