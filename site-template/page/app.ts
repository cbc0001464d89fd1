/** Starts an app at once, and says so when it cannot. */
import type { AppModule } from '../../action/contract/mounting.ts';
import { importModule, logProblem } from './modules.ts';
import type { AppData } from './page-data.ts';

export async function startApp(data: AppData, stage: HTMLElement): Promise<void> {
  const wait = document.querySelector('permaframe-wait') as HTMLElement;
  try {
    const { mountApp } = await importModule<AppModule>('permaframe/app');
    const app = mountApp(stage, {
      load: () => importModule(data.entry),
      assetBase: data.assets,
      staticFiles: data.staticFiles,
      onError: logProblem,
    });
    await app.ready;
    wait.remove();
  } catch (error) {
    console.error(error);
    wait.innerHTML = '<span role="alert">This app could not be loaded.</span><button>Try again</button>';
    (wait.lastChild as HTMLElement).onclick = () => location.reload();
  }
}
