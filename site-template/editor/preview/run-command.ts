/** What the keys of the player do here: the same as on the published page. */
import type { Command } from '../../page/keyboard.ts';
import { neighbouringScene } from '../../page/scenes.ts';
import type { PreviewStage } from './stage.ts';

/** @returns false for what the preview leaves to others: full screen, and the list of shortcuts */
export function runCommand(command: Command, stage: PreviewStage): boolean {
  const { shown, muted } = stage.getState();
  const film = shown?.film;
  if (!film) return false;
  switch (command.kind) {
    case 'toggle':
      stage.toggle();
      return true;
    case 'mute':
      stage.setMuted(!muted);
      return true;
    case 'seconds':
      stage.seek(stage.frame + command.by * film.fps);
      return true;
    case 'scenes':
      stage.seek(neighbouringScene(film.scenes, stage.frame, command.by, film.fps));
      return true;
    case 'frames':
      stage.pause();
      stage.seek(stage.frame + command.by);
      return true;
    case 'edge':
      stage.seek(command.at === 'start' ? 0 : film.durationInFrames);
      return true;
    case 'fullScreen':
    case 'help':
      return false;
  }
}
