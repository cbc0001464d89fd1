/** The editor's root: reads `config.json` and who is signed in, then hands over to the app. */
import { ConvexReactClient } from 'convex/react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { ConfigContext, loadConfig } from './config.ts';
import { logger, onCaughtError } from './session/console.ts';
import { readPresence } from './session/session.ts';
import { StartFailure } from './shell/failure.tsx';
import { applyTheme, readTheme } from './shell/theme.ts';
import './style/tokens.css';
import './style/base.css';
import './share/share.css';

applyTheme(readTheme());
const container = document.getElementById('root');
if (container === null) throw new Error('index.html has no #root');
const root = createRoot(container, { onCaughtError });

try {
  const config = await loadConfig();
  const client = new ConvexReactClient(config.convexUrl, { unsavedChangesWarning: false, logger });
  root.render(
    <ConfigContext value={config}>
      <App client={client} start={readPresence(config)} />
    </ConfigContext>,
  );
} catch (error) {
  console.error(error);
  root.render(<StartFailure />);
}
