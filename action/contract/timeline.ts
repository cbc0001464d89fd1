/** Where each scene of a storyboard lies in the film. A transition lets two neighbours overlap. */

interface SceneTiming {
  durationInFrames: number;
  transition?: { durationInFrames: number } | undefined;
}

export interface PlacedScene<S extends SceneTiming = SceneTiming> {
  scene: S;
  index: number;
  /** First frame of the scene in the film. */
  from: number;
  /** Frames at its start during which the scene before is still visible. */
  transitionIn: number;
  /** Frames at its end during which the next scene is visible already. */
  transitionOut: number;
}

export interface Timeline<S extends SceneTiming = SceneTiming> {
  scenes: PlacedScene<S>[];
  durationInFrames: number;
}

/** Lays the scenes out one after the other; each transition pulls the next scene forward by its length. */
export function placeScenes<S extends SceneTiming>(scenes: readonly S[]): Timeline<S> {
  let from = 0;
  let transitionIn = 0;
  const placed = scenes.map((scene, index) => {
    const transitionOut = index + 1 < scenes.length ? (scene.transition?.durationInFrames ?? 0) : 0;
    const place: PlacedScene<S> = { scene, index, from, transitionIn, transitionOut };
    from += scene.durationInFrames - transitionOut;
    transitionIn = transitionOut;
    return place;
  });
  return { scenes: placed, durationInFrames: from };
}
