/** A film on Remotion's time line: its scenes one after the other, with their transitions. */
import { Component, type ComponentType, type CSSProperties, type ReactNode } from 'react';
import { AbsoluteFill, getRemotionEnvironment, Sequence, useCurrentFrame, useVideoConfig } from 'remotion';
import type { Film, FilmScene, SceneComponent } from '../../action/contract/film.ts';
import type { FilmProblem } from '../../action/contract/mounting.ts';
import { type PlacedScene, placeScenes } from '../../action/contract/timeline.ts';
import { type SceneStyle, transitionProgress, transitionStyles } from './transitions.ts';

/** What loading a scene came to. */
export type LoadedScene = { kind: 'ready'; component: SceneComponent } | { kind: 'failed'; error: unknown };

interface StoryboardProps {
  film: Film;
  /** Of {@link loadScenes}, in the film's order. */
  scenes: readonly LoadedScene[];
  onError?: ((problem: FilmProblem) => void) | undefined;
}

/** Loads all scenes at once. Never rejects: a scene that cannot be loaded fails by itself. */
export async function loadScenes(film: Film): Promise<LoadedScene[]> {
  const modules = await Promise.allSettled(film.scenes.map(async (scene) => (await scene.load()).default));
  return modules.map((module) =>
    module.status === 'fulfilled'
      ? { kind: 'ready', component: module.value }
      : { kind: 'failed', error: module.reason },
  );
}

/**
 * The film. A scene that throws is replaced by a message and reported while the others play on; when a video is
 * rendered, it throws.
 */
export function Storyboard({ film, scenes, onError }: StoryboardProps): ReactNode {
  const places = placeScenes(film.scenes).scenes;
  return places.map((place) => (
    <Sequence
      key={place.scene.id}
      name={place.scene.title}
      from={place.from}
      durationInFrames={place.scene.durationInFrames}
      premountFor={film.fps}
    >
      <SceneLayer place={place} before={film.scenes[place.index - 1]}>
        <SceneBoundary scene={place.scene} onError={onError}>
          <SceneContent scene={place.scene} loaded={scenes[place.index]} />
        </SceneBoundary>
      </SceneLayer>
    </Sequence>
  ));
}

/** Moves a scene in and out. */
function SceneLayer(props: { place: PlacedScene<FilmScene>; before: FilmScene | undefined; children: ReactNode }) {
  const style = styleAt(props.place, props.before, useCurrentFrame());
  return <AbsoluteFill style={style as CSSProperties}>{props.children}</AbsoluteFill>;
}

/** @param frame of the scene, from 0 */
function styleAt(place: PlacedScene<FilmScene>, before: FilmScene | undefined, frame: number): SceneStyle {
  const { scene, transitionIn, transitionOut } = place;
  if (frame < transitionIn && before?.transition) {
    return transitionStyles(before.transition, transitionProgress(frame, transitionIn)).entering;
  }
  const leavingFor = frame - (scene.durationInFrames - transitionOut);
  if (leavingFor >= 0 && scene.transition) {
    return transitionStyles(scene.transition, transitionProgress(leavingFor, transitionOut)).leaving;
  }
  return {};
}

function SceneContent({ scene, loaded }: { scene: FilmScene; loaded: LoadedScene | undefined }) {
  if (loaded?.kind !== 'ready') throw loaded?.error;
  const Content = loaded.component as ComponentType<Record<string, unknown>>;
  return <Content {...scene.props} />;
}

interface BoundaryProps {
  scene: FilmScene;
  onError?: ((problem: FilmProblem) => void) | undefined;
  children: ReactNode;
}

class SceneBoundary extends Component<BoundaryProps, { failure?: { error: unknown } }> {
  static getDerivedStateFromError(error: unknown): { failure: { error: unknown } } {
    return { failure: { error } };
  }

  override state: { failure?: { error: unknown } } = {};

  override componentDidCatch(error: unknown): void {
    this.props.onError?.({ scene: this.props.scene.id, error });
  }

  override render(): ReactNode {
    const { failure } = this.state;
    if (!failure) return this.props.children;
    if (getRemotionEnvironment().isRendering) throw failure.error;
    return <SceneProblem title={this.props.scene.title} />;
  }
}

function SceneProblem({ title }: { title: string }) {
  const { width, height } = useVideoConfig();
  const size = Math.min(width, height) / 22;
  // From nothing, because the film's own style applies here too.
  const line = (weight: number, color: string): CSSProperties => ({
    all: 'initial',
    font: `${weight} ${size}px/1.5 system-ui,sans-serif`,
    color,
  });
  return (
    <AbsoluteFill style={{ alignItems: 'center', justifyContent: 'center', background: '#26262b' }}>
      <span style={line(600, '#f2f2f4')}>This scene cannot be shown</span>
      <span style={line(400, '#a9a9b2')}>{title}</span>
    </AbsoluteFill>
  );
}
