/** Brings the chrome of a film's page to life. */
import { enlivenFullScreen } from './full-screen.ts';
import { type Command, listenToKeys } from './keyboard.ts';
import type { FilmData } from './page-data.ts';
import { Playback } from './playback.ts';
import { neighbouringScene } from './scenes.ts';
import { enlivenShareMenu } from './share-menu.ts';
import { enlivenTimeLine } from './time-line.ts';
import { createView, type Find } from './view.ts';

/** How long the bar stays over the picture when nobody moves, in milliseconds. */
const STILL_AFTER = 2500;

export function startPlayer(data: FilmData, stage: HTMLElement): void {
  const host = stage.parentElement as HTMLElement;
  const root = shadowOf(host);
  const find: Find = <E extends HTMLElement>(id: string) => root.getElementById(id) as E;
  const playback = new Playback(data, stage, createView(data, find));
  const showLabel = enlivenTimeLine(data, playback, find);
  const toggleFullScreen = enlivenFullScreen(host, find('player'));
  enlivenShareMenu(data, find);
  enlivenButtons(playback, find, toggleFullScreen);
  hideBarWhenStill(find('player'));
  listenToKeys((command) => {
    run(command, data, playback, { toggleFullScreen, showHelp: () => find('keys').togglePopover() });
    if ('by' in command || 'at' in command) showLabel(playback.state.frame);
  });
}

/** Browsers from before declarative shadow roots leave the template as it is. */
function shadowOf(host: HTMLElement): ShadowRoot {
  if (host.shadowRoot) return host.shadowRoot;
  const root = host.attachShadow({ mode: 'open' });
  root.append((host.querySelector('template') as HTMLTemplateElement).content);
  return root;
}

function enlivenButtons(playback: Playback, find: Find, toggleFullScreen: () => void): void {
  const picture = find('picture');
  const problem = find('problem');
  let wasStill = false;
  picture.onpointerdown = (event) => {
    wasStill = event.pointerType === 'touch' && 'still' in find('player').dataset;
  };
  picture.onclick = (event) => {
    const path = event.composedPath().slice(0, event.composedPath().indexOf(picture)) as Element[];
    const isFilmsOwn = path.some((element) => /^(A|BUTTON|INPUT|SELECT|TEXTAREA|LABEL)$/.test(element.tagName));
    if (event.defaultPrevented || wasStill || (isFilmsOwn && playback.state.phase === 'ready')) return;
    if (playback.state.phase === 'idle') find('play').focus({ preventScroll: true });
    if (playback.state.phase !== 'failed') playback.toggle();
  };
  problem.innerHTML = '<span>The film could not be loaded.</span><button>Try again</button>';
  (problem.lastChild as HTMLElement).onclick = (event) => {
    event.stopPropagation();
    find('play').focus();
    playback.play();
  };
  find('play').onclick = () => playback.toggle();
  find('mute').onclick = () => playback.setMuted(!playback.state.muted);
  find<HTMLInputElement>('volume').oninput = (event) =>
    playback.setVolume((event.target as HTMLInputElement).valueAsNumber);
  find('full').onclick = toggleFullScreen;
}

function hideBarWhenStill(player: HTMLElement): void {
  let timer = 0;
  const wake = (): void => {
    delete player.dataset.still;
    clearTimeout(timer);
    timer = window.setTimeout(
      () => player.toggleAttribute('data-still', player.dataset.state === 'playing'),
      STILL_AFTER,
    );
  };
  for (const event of ['pointermove', 'pointerup', 'keydown']) addEventListener(event, wake);
}

interface Actions {
  toggleFullScreen(): void;
  showHelp(): void;
}

function run(command: Command, data: FilmData, playback: Playback, actions: Actions): void {
  const { state } = playback;
  switch (command.kind) {
    case 'toggle':
      playback.toggle();
      break;
    case 'mute':
      playback.setMuted(!state.muted);
      break;
    case 'fullScreen':
      actions.toggleFullScreen();
      break;
    case 'help':
      actions.showHelp();
      break;
    case 'seconds':
      playback.seek(state.frame + command.by * data.fps);
      break;
    case 'scenes':
      playback.seek(neighbouringScene(data.scenes, state.frame, command.by, data.fps));
      break;
    case 'frames':
      if (state.playing) playback.pause();
      playback.seek(state.frame + command.by);
      break;
    case 'edge':
      playback.seek(command.at === 'start' ? 0 : data.durationInFrames);
      break;
  }
}
