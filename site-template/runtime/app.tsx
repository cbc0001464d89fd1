/** `permaframe/app`: puts an interactive artifact into a page. */
import { Component, type ComponentType, type CSSProperties, type ReactNode } from 'react';
import { createRoot } from 'react-dom/client';
import type { AppHandle, AppOptions } from '../../action/contract/mounting.ts';
import { configureAssets } from './assets.ts';

export function mountApp(container: HTMLElement, options: AppOptions): AppHandle {
  configureAssets({ base: options.assetBase, staticFiles: options.staticFiles });
  const root = createRoot(container);
  const ready = options.load().then((module) => {
    const App = module.default as ComponentType;
    root.render(
      <AppBoundary onError={options.onError}>
        <App />
      </AppBoundary>,
    );
  });
  return { ready, dispose: () => root.unmount() };
}

interface BoundaryProps {
  onError?: ((problem: { error: unknown }) => void) | undefined;
  children: ReactNode;
}

class AppBoundary extends Component<BoundaryProps, { failed: boolean }> {
  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }

  override state: { failed: boolean } = { failed: false };

  override componentDidCatch(error: unknown): void {
    this.props.onError?.({ error });
  }

  override render(): ReactNode {
    return this.state.failed ? <AppProblem /> : this.props.children;
  }
}

const coverStyle: CSSProperties = {
  position: 'fixed',
  inset: 0,
  display: 'grid',
  placeContent: 'center',
  justifyItems: 'center',
  gap: 8,
  padding: 24,
  background: '#26262b',
  color: '#f2f2f4',
  font: '17px/1.5 system-ui, sans-serif',
  textAlign: 'center',
};

const buttonStyle: CSSProperties = {
  marginTop: 12,
  minHeight: 44,
  padding: '0 22px',
  border: 0,
  borderRadius: 22,
  background: '#f2f2f4',
  color: '#1a1a1d',
  font: 'inherit',
  fontWeight: 600,
  cursor: 'pointer',
};

function AppProblem() {
  return (
    <div role="alert" style={coverStyle}>
      <b>This app has stopped</b>
      <span style={{ opacity: 0.65 }}>Something in it failed. Nothing you did is to blame.</span>
      <button type="button" style={buttonStyle} onClick={() => location.reload()}>
        Start again
      </button>
    </div>
  );
}
